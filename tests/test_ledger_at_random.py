"""Whatever happens to an announcement, in whatever order: nobody is lost, and nobody else gets it."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from bot.language import Language
from bot.store.announcement import Body, State
from bot.store.announcement_tables import AnnouncementRow, DeliveryRow, LeaseRow
from bot.store.database import Database
from bot.store.people import People
from bot.store.subscriptions import NEWS, WITHOUT, Subscriptions
from bot.store.tables import PersonRow
from tests.mailing import IN_HAND, LEASE, TEXTS, Mailing, Process
from tests.postgres import BOTH_STORES

PEOPLE = 14
LIKELY = ["turn"] * 6 + ["deal", "deal", "part", "fail"]
STEPS = [
    *LIKELY,
    "crash",
    "freeze",
    "thaw",
    "pause",
    "resume",
    "correct",
    "cancel",
    "recall",
    "leave",
    "come",
    "finish",
]


@dataclass(slots=True)
class Story:
    """What has happened so far."""

    mailing: Mailing
    process: Process
    frozen: list[Process] = field(default_factory=list)
    takeovers: int = 0
    changes: int = 0
    cancelled: bool = False

    async def goes_on(self, step: str, number: int) -> None:
        mailing, process = self.mailing, self.process
        match step:
            case "turn":
                assert await process.turn()
            case "deal" | "part" | "fail":
                await process.deals(number if step == "part" else IN_HAND, fails=step == "fail")
                if step == "part":
                    await process.deals(fails=True)
            case "crash":
                await process.dies(number)
                await self.taken_over()
            case "freeze":  # a closed laptop: it wakes up when another process has the lease
                self.frozen.append(process)
                mailing.now += LEASE
                await self.taken_over()
            case "thaw" if self.frozen:
                woken = self.frozen.pop()
                await woken.deals(number)
                assert not await woken.turn()
            case "leave" | "come":
                await self.people(step, number)
            case _:
                await self.staff(step, number)

    async def staff(self, step: str, number: int) -> None:
        mailing, process, control = self.mailing, self.process, self.mailing.control
        match step:
            case "correct":
                self.changes += 1
                texts = {**TEXTS, list(TEXTS)[number % 2]: f"This is correction {self.changes}."}
                await mailing.corrects(process.number, Body(texts), *TEXTS)
            case "cancel":
                self.cancelled |= await control.cancel(process.number, mailing.now)
            case "recall":
                await control.recall(process.number, mailing.now)
            case "pause":
                await control.pause(process.number)
            case "resume":
                await control.resume(process.number)
            case "finish":
                await control.finish(mailing.now)

    async def people(self, step: str, number: int) -> None:
        mailing = self.mailing
        match step:
            case "leave":
                person = await mailing.arrives(number)
                assert person.id is not None
                if number % 2:
                    await People(mailing.database).block(person.address, mailing.now)
                else:
                    await Subscriptions(mailing.database).add(person.id, [WITHOUT], NEWS, mailing.now)
            case "come":
                await mailing.arrives(PEOPLE + number, Language.RU)

    async def taken_over(self) -> None:
        self.takeovers += 1
        self.process = Process(self.mailing, f"process {self.takeovers}", self.process.number)
        assert await self.process.takes_lease()

    async def ends(self) -> None:
        """Everybody wakes up, and all that is left is done."""
        while self.frozen:
            await self.goes_on("thaw", IN_HAND)
        await self.mailing.control.resume(self.process.number)
        await self.process.deals()
        await self.process.finishes()


async def emptied(database: Database) -> None:
    """Nobody and nothing is left of the last story."""
    async with database.transaction() as session:
        for table in (AnnouncementRow, LeaseRow, PersonRow):
            await session.execute(delete(table))


async def adds_up(story: Story) -> None:
    counts = await story.mailing.ledger.tally(story.process.number)
    assert sum(one.number for one in counts) == PEOPLE
    assert sum(one.number for one in counts if one.uncertain) <= IN_HAND * story.takeovers


@BOTH_STORES
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, PEOPLE - 1)), min_size=5, max_size=25))
async def test_nobody_is_lost_and_nobody_else_gets_it(database: Database, steps: list[tuple[str, int]]) -> None:
    await emptied(database)
    mailing = Mailing(database)
    audience = {person.id for person in await mailing.crowd(PEOPLE)}
    story = Story(mailing, Process(mailing, "process 0", await mailing.begun()))
    assert await story.process.takes_lease()
    for step, number in steps:
        await story.goes_on(step, number)
        await adds_up(story)
    await story.ends()
    await adds_up(story)
    assert set(mailing.phones) <= audience
    await everybody_has_what_the_ledger_says(story)


async def everybody_has_what_the_ledger_says(story: Story) -> None:
    mailing = story.mailing
    announcement = await mailing.find(story.process.number)
    assert announcement.state in (State.DONE, State.CANCELLED)
    async with mailing.database.transaction() as session:
        rows = list(await session.scalars(select(DeliveryRow)))
    for row in rows:
        assert row.todo is None
        copies = mailing.phones.get(row.person_id, {})
        assert len(copies) <= 1 + row.uncertain * story.takeovers
        if row.outcome != "sent":
            assert row.outcome in ("unwanted", "blocked") or announcement.recalled_at or story.cancelled
            assert row.uncertain or not copies
            continue
        if row.changed == "recalled":
            assert row.message not in copies
            continue
        assert announcement.recalled_at is None or announcement.state is State.CANCELLED
        if announcement.state is State.DONE:
            assert copies[row.message or 0] == announcement.body.texts[Language(row.language)]
