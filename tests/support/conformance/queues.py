"""An event that is dispatched is a message in the same step, and an acknowledgement ends it in the append that reports."""

import json

from awe.commands.log import Appended, Conflict, EventLog, Expect
from support.conformance.harness import Ability, Harness
from support.conformance.suite import Suite, needs
from support.conformance.units import RUN, a, ack, after, appended, event, unit


class Queues(Suite):
    @needs(Ability.QUEUES)
    async def test_i14_a_dispatched_event_is_a_message(self, harness: Harness, log: EventLog) -> None:
        """I14: with the event whole, and all that is needed to expect its aggregate."""
        await log.append(unit("t:a"))
        body = b'{"data":{"text":"\\u00c4 \\"quoted\\"","n":[1,2.5,null]}}'
        sent = unit(event("t:plain"), event("t:a", dispatch="work", body=body))
        await log.append(sent)
        (message,) = await harness.messages("work")
        assert (message.n, message.run, message.aggregate) == (3, RUN, "t:a")
        assert (message.version, message.append_id, message.type) == (2, sent.id, "test.noted/1")
        assert json.loads(message.body) == json.loads(body)

    @needs(Ability.QUEUES)
    async def test_i14_messages_keep_the_log_s_order_by_queue(self, harness: Harness, log: EventLog) -> None:
        """I14: each queue has its own, oldest first."""
        for index in range(6):
            await log.append(unit(event(f"t:{index}", dispatch="work" if index % 2 else "other")))
        assert [each.n for each in await harness.messages("work")] == [2, 4, 6]
        assert [each.n for each in await harness.messages("other")] == [1, 3, 5]

    @needs(Ability.QUEUES)
    async def test_i14_a_report_acknowledges_its_message(self, harness: Harness, log: EventLog) -> None:
        """I14: report and ack are one step, and the queue ends empty."""
        sent = unit(event("t:a", dispatch="work"))
        expected = after("t:a", await log.append(sent), sent)
        (message,) = await harness.messages("work")
        appended(await log.append(unit("t:a", expects=[expected], acks=[ack(message)])))
        assert await harness.messages("work") == []

    @needs(Ability.QUEUES)
    async def test_i14_a_stale_report_acknowledges_nothing(self, harness: Harness, log: EventLog) -> None:
        """I14: a worker whose task moved on does not delete the live task's only message."""
        await log.append(unit(event("t:a", dispatch="work")))
        (message,) = await harness.messages("work")
        stale = unit("t:a", expects=[Expect("t:a", 7)], acks=[ack(message)])
        a(Conflict, await log.append(stale))
        assert await harness.messages("work") == [message]

    @needs(Ability.QUEUES)
    async def test_i08_an_ack_alone_is_harmless_when_repeated(self, harness: Harness, log: EventLog) -> None:
        """I8: it adds no event, and a second one changes nothing."""
        await log.append(unit(event("t:a", dispatch="work")))
        await log.append(unit(event("t:b", dispatch="work")))
        first, second = await harness.messages("work")
        alone = unit(acks=[ack(first)])
        for _ in range(2):
            assert a(Appended, await log.append(alone)).count == 0
        assert await harness.messages("work") == [second]
        assert (await log.head()).n == 2

    @needs(Ability.QUEUES, Ability.LOSE_REPLY)
    async def test_i08_an_ack_alone_survives_a_lost_reply(self, harness: Harness, log: EventLog) -> None:
        """I8: it is repeated until it is answered."""
        await log.append(unit(event("t:a", dispatch="work")))
        (message,) = await harness.messages("work")
        await harness.lose_next_reply()
        appended(await log.append(unit(acks=[ack(message)])))
        assert await harness.messages("work") == []

    @needs(Ability.QUEUES)
    async def test_i14_an_ack_of_nothing_does_nothing(self, harness: Harness, log: EventLog) -> None:
        """I14: neither an unknown queue nor a message of another queue."""
        await log.append(unit(event("t:a", dispatch="work")))
        (message,) = await harness.messages("work")
        appended(await log.append(unit(acks=[ack(message, "other")])))
        assert await harness.messages("work") == [message]

    @needs(Ability.QUEUES)
    async def test_i14_a_unit_may_ack_one_message_and_send_the_next(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I14: a task hands on its work without a moment in which no message stands for it."""
        await log.append(unit(event("t:a", dispatch="work")))
        (message,) = await harness.messages("work")
        await log.append(unit("t:a", event("t:b", dispatch="work"), acks=[ack(message)]))
        assert [each.aggregate for each in await harness.messages("work")] == ["t:b"]

    @needs(Ability.QUEUES, Ability.LOSE_TAIL)
    async def test_i02_i14_an_ack_of_a_lost_message_spares_its_successor(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I2: a message's id is not given out again with the position of the event it stood for."""
        await log.append(unit("t:a"))
        await log.append(unit(event("t:a", dispatch="work")))
        (lost,) = await harness.messages("work")
        await harness.lose_tail(1)
        assert await harness.messages("work") == []
        await log.append(unit(event("t:a", dispatch="work")))
        (successor,) = await harness.messages("work")
        assert successor.n == lost.n
        appended(await log.append(unit(acks=[ack(lost)])))
        assert await harness.messages("work") == [successor]

    @needs(Ability.QUEUES, Ability.LOSE_TAIL, Ability.REBUILD)
    async def test_i02_i05_i14_a_recorded_ack_of_a_lost_message_spares_its_successor(
        self, harness: Harness, log: EventLog
    ) -> None:
        """I5: nor does the fold of the entries take that ack for one of the successor."""
        await log.append(unit("t:a"))
        await log.append(unit(event("t:a", dispatch="work")))
        (lost,) = await harness.messages("work")
        await harness.lose_tail(1)
        await log.append(unit(event("t:a", dispatch="work")))
        appended(await log.append(unit("t:b", acks=[ack(lost)])))
        assert [each.n for each in await harness.messages("work")] == [2]
        await harness.rebuild()
        assert [each.n for each in await harness.messages("work")] == [2]
