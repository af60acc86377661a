"""What decides: folds, typings, index, decide, measure. Knows nothing of Telegram, the web or the store."""
