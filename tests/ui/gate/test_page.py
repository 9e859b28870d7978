from __future__ import annotations

import asyncio

from playground.ui.gate.page import Page


def test_a_page_that_nobody_uses_seldom_wakes_the_processor() -> None:
    async def wakes_in(seconds: float) -> int:
        loop, count = asyncio.get_running_loop(), 0
        plain = loop.call_later

        def counted(*given: object) -> asyncio.TimerHandle:
            nonlocal count
            count += 1
            return plain(*given)  # type: ignore[arg-type]

        loop.call_later = counted  # type: ignore[method-assign, assignment]
        queue = page._queue
        queue.start()
        await asyncio.sleep(seconds)
        queue.close()
        return count

    with Page("en") as page:
        pass
    assert 1 < asyncio.run(wakes_in(0.5)) <= 40  # some five hundred with gradio's own pauses
