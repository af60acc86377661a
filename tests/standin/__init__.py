"""A little Telegram for tests: strict as the Bot API, with people who act and messages that can be looked at.

`telegram.Telegram` is the whole of it, without network. `offline.OfflineRequest` hands it the calls of a
python-telegram-bot application directly, `http.serve` puts it behind a real socket, `webhook.deliveries` posts its
updates to a webhook. Who breaks the Bot API's rules gets Telegram's refusal; who sends what the Bot API does not know
is also listed in `Telegram.violations`, which a test should find empty.
"""
