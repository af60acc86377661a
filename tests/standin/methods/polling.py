"""How updates reach the bot; getUpdates itself waits, so it is answered in `telegram.py`."""

import re

from tests.standin.arguments import Arguments
from tests.standin.updates import Webhook
from tests.standin.values import Json, bad
from tests.standin.world import World

from .registry import answers


@answers("setWebhook")
def set_webhook(world: World, args: Arguments) -> Json:
    """Updates are posted from now on; an empty address ends it."""
    secret = args.text("secret_token")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad("secret token contains unallowed characters")
    _drop(world, args)
    if args.has("allowed_updates"):
        world.updates.allow(args.strings("allowed_updates"))
    url, most = args.text("url"), args.number("max_connections") or 40
    world.updates.set_webhook(Webhook(url, secret, most) if url else None)
    return True


@answers("deleteWebhook")
def delete_webhook(world: World, args: Arguments) -> Json:
    """Back to getUpdates."""
    _drop(world, args)
    world.updates.set_webhook(None)
    return True


@answers("getWebhookInfo")
def webhook_info(world: World, args: Arguments) -> Json:
    """Where updates go, how many wait, and what went wrong last."""
    webhook, waiting = world.updates.webhook, len(world.updates)
    if not webhook:
        return {"url": "", "has_custom_certificate": False, "pending_update_count": waiting}
    info: dict[str, Json] = {"url": webhook.url, "has_custom_certificate": False, "pending_update_count": waiting}
    info |= {"max_connections": webhook.connections, "ip_address": "127.0.0.1"}
    info |= {"allowed_updates": sorted(world.updates.allowed)} if world.updates.allowed else {}
    wrong: dict[str, Json] = {"last_error_date": webhook.error_date, "last_error_message": webhook.error}
    return info | (wrong if webhook.error else {})


def _drop(world: World, args: Arguments) -> None:
    if args.flag("drop_pending_updates"):
        world.updates.clear()
