"""The exchange with 110 over the API."""

from agent_ui.api.calls import Answer, ApiCall
from core.actions.exchange import receive_message
from core.domain.exchange110 import read_message


async def receive(call: ApiCall) -> Answer:
    """One message; repeated by (JJDBH, seq) it changes nothing and gets the same answer."""
    message = read_message(call.parameter("kind"), call.body)
    async with call.deps.database.work() as work:
        answer = await receive_message(
            work, message, client_id=call.client.id, by=call.principal, vault=call.deps.vault
        )
        await work.commit()
    return Answer(answer)
