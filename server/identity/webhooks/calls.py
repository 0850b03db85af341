"""One call of a webhook: to an address that was looked at, without redirects, within seconds; the answer is its status."""

from __future__ import annotations

import asyncio
from typing import Final

import httpx

from server.errors import BadUserInput
from server.identity.webhooks.addresses import Resolve, checked, resolved

SECONDS: Final = 10.0


async def call(
    url: str, content: bytes, headers: dict[str, str], *, loopback: bool, resolve: Resolve = resolved
) -> bool:
    """Whether it was taken, which a status of 200 to 299 says. Nothing of the answer's body is read."""
    try:
        async with asyncio.timeout(SECONDS):
            target = await asyncio.to_thread(checked, url, loopback=loopback, resolve=resolve)
            client = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=SECONDS / 2)
            sent = {**headers, "Host": target.authority, "Content-Type": "application/json", "User-Agent": "Usher"}
            # The certificate must be the name's, whatever address the call goes to.
            known = {"sni_hostname": target.host}
            request = client.build_request("POST", target.url, content=content, headers=sent, extensions=known)
            async with client:
                answer = await client.send(request, stream=True)
                await answer.aclose()
    except (BadUserInput, TimeoutError, httpx.HTTPError, httpx.InvalidURL, OSError):
        return False
    return answer.is_success
