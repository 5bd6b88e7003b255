"""An agent at a real browser: headless Chromium, a microphone that speaks a file, keys only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Page, async_playwright

_CHROMIUM = "/usr/bin/chromium"
_FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--allow-loopback-in-peer-connection",
)
#: Keeps every peer connection, so that what the browser really receives can be measured.
_KEEP_CONNECTIONS = """
window.__connections = [];
const Real = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Real {
  constructor(...args) { super(...args); window.__connections.push(this); }
};
"""
_STATISTICS = """
async () => {
  const found = {};
  for (const connection of window.__connections) {
    for (const [, entry] of await connection.getStats()) {
      if (entry.type === 'inbound-rtp') {
        found.received = (found.received || 0) + entry.packetsReceived;
        found.lost = (found.lost || 0) + entry.packetsLost;
        found.energy = Math.max(found.energy || 0, entry.totalAudioEnergy || 0);
      }
      if (entry.type === 'outbound-rtp') {
        found.sent = (found.sent || 0) + entry.packetsSent;
      }
    }
  }
  return found;
}
"""


@dataclass
class BrowserDesk:
    """One page at one desk."""

    page: Page
    web: str

    async def log_in(self, account: str, password: str) -> None:
        """Log in by keyboard and arrive at the desk."""
        await self.page.goto(f"{self.web}/login")
        await self.page.locator("input[name=account]").focus()
        await self.page.keyboard.type(account)
        await self.page.keyboard.press("Tab")
        await self.page.locator("input[name=password]").focus()
        await self.page.keyboard.type(password)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_url("**/desk")

    async def go_ready(self, *, seconds: float = 30.0) -> None:
        """Wait until phone, microphone and network are proven, then press the key."""
        await self.page.wait_for_selector(
            "[data-role=ready]:not([disabled])", timeout=seconds * 1000
        )
        await self.page.keyboard.press("Alt+r")
        await self.until_state("就绪")

    async def until_state(self, word: str, *, seconds: float = 30.0) -> None:
        """Wait until the page shows this word for the agent's state (就绪, 通话中, ...)."""
        shown = self.page.locator("[data-role=state-word]", has_text=word)
        await shown.wait_for(timeout=seconds * 1000)

    async def press(self, key: str) -> None:
        """Press a key."""
        await self.page.keyboard.press(key)

    async def statistics(self) -> dict[str, Any]:
        """Packets received, lost and sent, and the energy of what was heard."""
        found: dict[str, Any] = await self.page.evaluate(_STATISTICS)
        return found

    async def picture(self, file: Path) -> None:
        """A screenshot."""
        await self.page.screenshot(path=str(file))


@asynccontextmanager
async def browser_desk(
    web: str, *, microphone: Path, width: int = 1440, height: int = 900
) -> AsyncIterator[BrowserDesk]:
    """A fresh browser whose microphone plays this 48 kHz wav file over and over."""
    flags = [*_FLAGS, f"--use-file-for-fake-audio-capture={microphone}"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=_CHROMIUM, args=flags, headless=True
        )
        try:
            context = await browser.new_context(
                permissions=["microphone"],
                viewport={"width": width, "height": height},
                locale="zh-CN",
            )
            await context.add_init_script(_KEEP_CONNECTIONS)
            yield BrowserDesk(await context.new_page(), web)
        finally:
            await browser.close()
