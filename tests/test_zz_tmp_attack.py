import asyncio, time
import pytest
from bot.delivery.sender import Sender
from bot.desk import Desk, House
from bot.desk.pace import Pacer
from bot.store.people import Address
from tests.crowd import crowd, send_all
@pytest.fixture
async def hall(office, telegram):
    office.desk.pacer = Pacer(10000)
    return await crowd(telegram, office, 40)

async def test_web_only(hall, office):
    desk=Desk(office.desk.matcher, office.desk.voices, office.desk.database, office.clock, House())
    print("bulk", desk.bulk)
    a=await hall.announced()
    web, tg = Sender(desk,"web"), Sender(office.desk,"tg")
    t=asyncio.create_task(send_all(web))
    await asyncio.sleep(3)
    for _ in range(3):
        print("tg step", await tg.step()); await asyncio.sleep(.5)
    print(await hall.outcomes(a.id), hall.copies(), "task done", t.done())
    web.end(); await t
