"""The address bar: written once the hand rests, and no more often than browsers allow."""

import asyncio

from hebbscope.controls.address import Address
from hebbscope.page.bars.address_bar import AddressBar
from hebbscope.panels.registry import BenchControls


def test_the_address_follows_the_controls_once_they_rest():
    async def scenario():
        controls, written, asked = BenchControls(), [], []

        def state():
            asked.append(controls.rule.eta)
            return Address(controls.values())

        bar = AddressBar(state)
        bar.param.watch(lambda event: written.append(event.new), "query")
        controls.watch(lambda _: bar.ask())
        for step in range(30):
            controls.rule.eta = 0.1 + step / 100
        await asyncio.sleep(0)
        assert written == []
        while not written:
            await asyncio.sleep(0.02)
        assert written == ["eta=0.39"]
        assert len(asked) == 1

    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_nothing_is_written_before_anything_changes():
    assert AddressBar(lambda: Address({"eta": "0.2"})).query is None


def test_going_back_to_the_defaults_is_written_too():
    async def scenario():
        controls = BenchControls()
        controls.apply({"eta": "0.2"})
        bar = AddressBar(lambda: Address(controls.values()))
        controls.watch(lambda _: bar.ask())
        controls.rule.eta = 0.05
        while bar.query is None:
            await asyncio.sleep(0.02)
        assert bar.query == ""

    asyncio.run(asyncio.wait_for(scenario(), 20))
