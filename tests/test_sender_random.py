"""Whatever fails, and whatever staff do meanwhile: everybody has it once, save those of whom nobody can know."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from bot.delivery import handing, outage
from bot.delivery.sender import Sender
from bot.desk.pace import Pacer
from bot.language import Language
from bot.store.announcement import Announcement, Body, State
from bot.store.announcement_tables import AnnouncementRow, DeliveryRow, LeaseRow
from bot.store.audiences import Audience
from bot.store.ledger import Ledger
from bot.store.tables import PersonRow
from bot.store.turn import Turn
from tests.crowd import Crowd, crowd
from tests.office import Office
from tests.postgres import BOTH_STORES
from tests.standin.chats import Message
from tests.standin.faults import Faults
from tests.standin.people import BLOCKED, Person

PEOPLE, IN_HAND, ATTEMPTS = 24, 8, 8
# Half of the people get it: the languages go round.
AUDIENCE = "en-ru"
METHODS = ("sendMessage", "editMessageText", "deleteMessage")
# What goes wrong with the next call about somebody: the status, the description, seconds to wait.
REFUSALS = {
    "flood": (429, "Too Many Requests: retry after 2", 2),
    "forbidden": (403, f"Forbidden: {BLOCKED}", None),
    "refused": (400, "Bad Request: have no rights to send a message", None),
    "gateway": (502, "Bad Gateway", None),
}
# After these somebody may have nothing, or not what is told now; after those nobody knows.
FINAL, DOUBTFUL = {"forbidden", "refused", "blocks", "moves"}, {"gateway", "before", "after"}
FAULTS = (*REFUSALS, "before", "after", "blocks", "moves")
STEPS = (
    *FAULTS,
    *FAULTS,
    "pause",
    "resume",
    "resume",
    "cancel",
    "correct",
    "correct",
    "recall",
    "crash",
    "crash",
    "later",
)


class Counted(Pacer):
    """Nobody has to wait for its moments, which it counts; a refusal holds for a thousandth of its time."""

    def __init__(self) -> None:
        super().__init__(10_000.0)
        self.moments = 0

    async def slot(self) -> bool:
        given_out = await super().slot()
        self.moments += given_out
        return given_out

    def refused(self, seconds: float) -> None:
        super().refused(seconds / 1000)


class Dead(Ledger):
    """The ledger of a process that has died: it writes nothing any more."""

    stopped: asyncio.Event

    async def turn(self, *args: object, **kwargs: object) -> Turn | None:
        self.stopped.set()
        await asyncio.Event().wait()
        return None


@dataclass(slots=True)
class Story:
    """One announcement, and all that has happened to it."""

    hall: Crowd
    number: int
    sender: Sender
    crashes: int = 0
    moments: int = 0
    cancelled: bool = False
    # What has gone wrong with whom.
    faults: dict[int, Counter[str]] = field(default_factory=dict)
    moved: dict[int, Person] = field(default_factory=dict)

    async def goes_on(self, what: str, who: int, method: str, calls: int) -> None:
        if what in FAULTS:
            self.goes_wrong(what, self.hall.people[who], method)
        elif what == "crash":
            await self.dies(calls)
        elif what == "later":
            self.hall.clock.goes_on(minutes=6)
            await self.sender.step()
        else:
            sending = await self.sends(calls)
            await self.staff(what)
            await sending

    def goes_wrong(self, what: str, person: Person, method: str) -> None:
        telegram = self.hall.telegram
        self.faults.setdefault(person.id, Counter())[what] += 1
        match what:
            case "before" | "after":
                telegram.drop_next(method, "before" if what == "before" else "after", to=person)
            case "blocks":
                telegram.block(person)
            case "moves":
                new = self.moved.setdefault(person.id, telegram.person("Moved"))
                person.chat.migrated_to = new.id
            case _:
                status, words, seconds = REFUSALS[what]
                telegram.fail_next(method, status, words, seconds, to=person)

    async def staff(self, deed: str) -> None:
        control, now = self.hall.desk.announcing.control, self.hall.desk.now()
        match deed:
            case "pause":
                await control.pause(self.number)
            case "resume":
                await control.resume(self.number)
            case "cancel":
                self.cancelled |= await control.cancel(self.number, now)
            case "recall":
                await control.recall(self.number, now)
            case "correct":
                before = await self.hall.now(self.number)
                await control.apply(before, body(before.revision + 1), [Language.EN, Language.RU], now)

    async def sends(self, calls: int) -> asyncio.Task[bool]:
        """A step that is under way, and has made so many calls, or is done already."""
        telegram = self.hall.telegram
        wanted = len(telegram.calls) + calls
        sending = asyncio.create_task(self.sender.step())
        sending.add_done_callback(lambda _: telegram.wake())
        await telegram.until(lambda: len(telegram.calls) >= wanted or sending.done())
        return sending

    async def dies(self, calls: int) -> None:
        """The process is no more, after so many calls; others may send when its time is up."""
        desk, sending = self.hall.desk, await self.sends(calls)
        dead = Dead(desk.database)
        dead.stopped, self.sender._ledger = asyncio.Event(), dead
        reached = asyncio.create_task(dead.stopped.wait())
        await asyncio.wait({sending, reached}, return_when=asyncio.FIRST_COMPLETED)
        for task in (sending, reached):
            task.cancel()
        desk.pacer.close()
        await asyncio.gather(sending, reached, *self.sender._in_hand, return_exceptions=True)
        self.crashes += 1
        self.begins()
        self.hall.clock.goes_on(seconds=21)

    def begins(self) -> None:
        """A process, the first one or the next."""
        desk = self.hall.desk
        self.moments += desk.pacer.moments if isinstance(desk.pacer, Counted) else 0
        desk.pacer = Counted()
        self.sender = Sender(desk, f"process {self.crashes}")

    async def ends(self) -> None:
        """Nothing goes wrong any more, and it goes on for as long as there is something to do."""
        self.hall.telegram.faults = Faults()
        await self.hall.desk.announcing.control.resume(self.number)
        for _ in range(ATTEMPTS + 2):
            while await self.sender.step():
                pass
            self.hall.clock.goes_on(minutes=6)

    def copies(self, person: Person) -> list[Message]:
        """What somebody has of it, in the chat where they are now, too."""
        moved = self.moved.get(person.id)
        return [*self.hall.got(person), *(self.hall.got(moved) if moved is not None else ())]

    async def adds_up(self) -> None:
        """Nobody gets lost on the way."""
        counts, planned = await self.hall.tally(self.number), (await self.hall.now(self.number)).planned
        assert sum(one.number for one in counts) == planned == PEOPLE // 2
        doubts = sum(theirs[what] for theirs in self.faults.values() for what in DOUBTFUL)
        assert sum(one.number for one in counts if one.uncertain) <= IN_HAND * self.crashes + doubts


def body(version: int) -> Body:
    return Body(dict.fromkeys((Language.EN, Language.RU), f"This is version {version}."))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (handing, outage):
        monkeypatch.setattr(module, "FIRST_PAUSE", 0.001)
        monkeypatch.setattr(module, "LONGEST_PAUSE", 0.002)


async def begun(office: Office) -> Story:
    """Another announcement, for half of other people; nothing is left of the last one."""
    async with office.desk.database.transaction() as session:
        for table in (AnnouncementRow, LeaseRow, PersonRow):
            await session.execute(delete(table))
    office.desk.handover.staff = None  # a group takes twenty messages a minute
    office.telegram.calls.clear()
    hall = await crowd(office.telegram, office, PEOPLE)
    announcement = await hall.announced(body(1).texts, Audience.LANGUAGE, AUDIENCE)
    story = Story(hall, announcement.id, Sender(office.desk, "nobody"))
    story.begins()
    return story


@BOTH_STORES
@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(STEPS), st.integers(0, PEOPLE - 1), st.sampled_from(METHODS), st.integers(0, PEOPLE // 2)
        ),
        min_size=3,
        max_size=20,
    )
)
async def test_everybody_has_it_once_save_the_uncertain(
    office: Office, quick: None, steps: list[tuple[str, int, str, int]]
) -> None:
    story = await begun(office)
    for step in steps:
        await story.goes_on(*step)
        await story.adds_up()
    await story.ends()
    await story.adds_up()
    await everybody_has_what_the_ledger_says(story)
    calls_at_moments_only(story)


async def everybody_has_what_the_ledger_says(story: Story) -> None:
    announcement = await story.hall.now(story.number)
    assert announcement.state in (State.DONE, State.CANCELLED)
    joined = select(DeliveryRow, PersonRow.name).join(PersonRow, PersonRow.id == DeliveryRow.person_id)
    async with story.hall.desk.database.transaction() as session:
        rows = {name: row for row, name in await session.execute(joined)}
    for person in story.hall.people:
        moved = story.moved.get(person.id)
        row = rows.get(str(person.id)) or rows.get(str(moved.id) if moved is not None else "")
        copies = story.copies(person)
        if row is None:
            assert (person.user["language_code"] in AUDIENCE.split("-"), copies) == (False, []), "not in the audience"
        else:
            is_right(story, announcement, row, copies, story.faults.get(person.id, Counter()))


def is_right(
    story: Story, announcement: Announcement, row: DeliveryRow, copies: list[Message], faults: Counter[str]
) -> None:
    """Whether somebody has what they are to have, or there is a reason why not."""
    reason = bool(FINAL & set(faults)) or sum(faults.values()) >= ATTEMPTS
    known = next((one for one in copies if (one.chat.id, one.id) == (row.chat, row.message)), None)
    assert row.todo is None
    assert row.uncertain or len(copies) <= 1
    assert len(copies) <= 1 + story.crashes + sum(faults[what] for what in DOUBTFUL)
    if row.outcome != "sent":
        assert row.uncertain or not copies
        assert reason or (row.outcome == "cancelled" and (story.cancelled or announcement.recalled_at))
    elif announcement.recalled_at is not None and announcement.state is State.DONE:
        assert (row.changed in ("recalled", "replaced") and known is None) or (row.changed == "stuck" and reason)
    elif announcement.state is State.DONE:
        assert known is not None
        told = announcement.body.texts[Language(row.language)] in known.text
        assert told or (row.changed == "kept" and reason)


def calls_at_moments_only(story: Story) -> None:
    """Each call had a moment of its own; only a chat that has moved is called twice, and a copy that stays."""
    story.begins()
    people = {str(one.id) for one in (*story.hall.people, *story.moved.values())}
    calls = [one for one in story.hall.telegram.calls if str(one.params.get("chat_id")) in people]
    again = [one for one in calls if one.status == 400 and one.method in ("sendMessage", "deleteMessage")]
    assert len(calls) - len(again) <= story.moments
