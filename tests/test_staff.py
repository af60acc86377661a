"""Who is staff: administrators by the settings, editors by an administrator's word, and nobody else."""

from __future__ import annotations

import pytest

from bot.desk.staff import Role
from bot.store.people import Address
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.standin.people import Person
from tests.standin.telegram import Telegram
from tests.telegram_bot import labels

pytestmark = BOTH_STORES

NOT_STAFF = "This is for the staff of the institute only."
ONLY_ADMINS = "Only an administrator can do that."
UNKNOWN_PERSON = "I do not know this person. They have to write to me once, then I can find them."


async def role(office: Office, person: Person) -> Role | None:
    return await office.desk.staff.role(Address("telegram", str(person.id)))


async def newcomer(office: Office, telegram: Telegram, username: str | None = "Zarina_K") -> Person:
    """Somebody who has written to the bot once."""
    person = telegram.person("Zarina", "en", username=username)
    await office.says(person, "/start")
    return person


async def test_who_is_in_the_settings_is_an_administrator_and_nobody_else(office: Office, telegram: Telegram) -> None:
    stranger = await newcomer(office, telegram)
    assert (await role(office, office.admin), await role(office, stranger)) == (Role.ADMIN, None)
    assert (await office.says(stranger, "/staff")).text == NOT_STAFF
    assert (await office.says(office.admin, "/staff")).text.startswith("Editors")


@pytest.mark.parametrize("who", ["@zarina_k", "@Zarina_K", "zarina_k", "{id}"])
async def test_an_administrator_adds_an_editor_by_name_or_number(office: Office, telegram: Telegram, who: str) -> None:
    person = await newcomer(office, telegram)
    told = await office.says(office.admin, f"/staff add {who.format(id=person.id)}")
    assert told.text.startswith("@zarina_k is an editor now.")
    assert "@wang_li\n• @zarina_k" in told.text
    assert await role(office, person) is Role.EDITOR


async def test_an_editor_without_a_username_is_called_by_their_number(office: Office, telegram: Telegram) -> None:
    person = await newcomer(office, telegram, username=None)
    told = await office.says(office.admin, f"/staff add {person.id}")
    assert told.text.startswith(f"{person.id} is an editor now.")


async def test_an_editor_is_added_by_a_reply_to_what_they_wrote(office: Office, telegram: Telegram) -> None:
    person = await newcomer(office, telegram)
    assert office.group is not None
    said = person.says("Good morning!", in_chat=office.group)
    told = await telegram.answer(office.admin.says("/staff add", reply_to=said))
    assert told.text.startswith("@zarina_k is an editor now.")
    told = await telegram.answer(office.admin.says("/staff remove", reply_to=said))
    assert told.text.startswith("@zarina_k is no longer an editor.")
    assert await role(office, person) is None


async def test_whom_the_bot_does_not_know_cannot_be_added(office: Office) -> None:
    for who in ("@nobody_here", "5999999", "0", "@", "²", "9" * 60):
        told = await office.says(office.admin, f"/staff add {who}")
        assert told.text.startswith(UNKNOWN_PERSON)
    assert [one.username for one in await office.desk.staff.editors.all()] == ["wang_li"]


async def test_who_only_wrote_in_a_group_is_not_known_yet(office: Office, telegram: Telegram) -> None:
    assert office.group is not None
    said = telegram.person("Far", "en").says("Hello all", in_chat=office.group)
    told = await telegram.answer(office.admin.says("/staff add", reply_to=said))
    assert told.text.startswith(UNKNOWN_PERSON)


async def test_a_command_about_nobody_shows_the_editors_and_how_to_change_them(office: Office) -> None:
    for words in ("/staff", "/staff add", "/staff remove", "/staff promote @wang_li"):
        told = await office.says(office.admin, words)
        assert told.text.startswith("Editors\n\n• @wang_li\n\nEditors answer people")
        assert labels(told) == ["Remove @wang_li"]


async def test_an_editor_is_removed_by_a_button_and_by_a_command(office: Office, telegram: Telegram) -> None:
    person = await newcomer(office, telegram)
    listed = await office.says(office.admin, "/staff add @zarina_k")
    await office.press(office.admin, listed, "Remove @wang_li")
    assert listed.text.startswith("@wang_li is no longer an editor.")
    assert labels(listed) == ["Remove @zarina_k"]
    told = await office.says(office.admin, f"/staff remove {person.id}")
    assert told.text.startswith("@zarina_k is no longer an editor.\n\nEditors\n\nThere are no editors yet.")
    assert (await role(office, person), await role(office, office.editor)) == (None, None)


async def test_adding_twice_and_removing_twice_say_the_same_again(office: Office) -> None:
    for _ in range(2):
        assert (await office.says(office.admin, "/staff add @wang_li")).text.count("@wang_li") == 2
    for _ in range(2):
        told = await office.says(office.admin, "/staff remove @wang_li")
        assert told.text.startswith("@wang_li is no longer an editor.")


@pytest.mark.parametrize("deed", ["add", "remove"])
async def test_an_administrator_stays_one_whatever_is_said_about_the_editors(office: Office, deed: str) -> None:
    told = await office.says(office.admin, f"/staff {deed} @nigora")
    assert told.text.startswith("@nigora is an administrator. That is changed in the settings (ADMIN_IDS) only.")
    assert await role(office, office.admin) is Role.ADMIN
    assert [one.username for one in await office.desk.staff.editors.all()] == ["wang_li"]


async def test_editors_can_neither_add_nor_remove_editors(office: Office, telegram: Telegram) -> None:
    person = await newcomer(office, telegram)
    for words in ("/staff add @zarina_k", f"/staff add {office.editor.id}", "/staff remove @wang_li"):
        assert (await office.says(office.editor, words)).text == ONLY_ADMINS
    listed = await office.says(office.editor, "/staff")
    assert (listed.text, labels(listed)) == ("Editors\n\n• @wang_li", [])
    for data in (f"staff+:{person.id}", f"staff-:{office.editor.id}"):
        office.editor.presses_data(listed, data)
        await office.settled()
        assert telegram.replies(office.editor)[-1].text == ONLY_ADMINS
    assert (await role(office, person), await role(office, office.editor)) == (None, Role.EDITOR)


async def test_an_editor_who_is_forgotten_is_no_editor_any_more(office: Office) -> None:
    asked = await office.says(office.editor, "/forget")
    await office.press(office.editor, asked, labels(asked)[0])
    assert await role(office, office.editor) is None
    assert await office.desk.staff.editors.all() == []


async def test_who_takes_over_a_username_does_not_take_over_the_role(office: Office, telegram: Telegram) -> None:
    thief = telegram.person("Thief", "en", username="wang_li")
    await office.says(thief, "/start")
    assert (await office.says(thief, "/unanswered")).text == NOT_STAFF
    told = await office.says(office.admin, f"/staff remove {thief.id}")
    assert await role(office, office.editor) is Role.EDITOR, told.text


async def test_staff_are_known_on_telegram_only(office: Office) -> None:
    for channel in ("web", "terminal"):
        assert await office.desk.staff.role(Address(channel, str(office.admin.id))) is None
    assert await office.desk.staff.role(Address("web", str(office.editor.id))) is None
