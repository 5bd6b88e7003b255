"""The exchange with 110 over the API."""

from agent_ui.api.calls import Answer, ApiCall
from core.actions.exchange import receive_message
from core.db.repos.exchange import told_of_alarm
from core.domain.exchange110 import messages_for, read_message
from core.errors import InputRefused


async def receive(call: ApiCall) -> Answer:
    """One message; repeated by (JJDBH, seq) it changes nothing and gets the same answer."""
    message = read_message(call.parameter("kind"), call.body)
    async with call.deps.database.work() as work:
        answer = await receive_message(
            work, message, client_id=call.client.id, by=call.principal, vault=call.deps.vault
        )
        await work.commit()
    return Answer(answer)


async def messages(call: ApiCall) -> Answer:
    """What became of an alarm here, as messages in order; `after` leaves out the first ones."""
    after = call.request.query.get("after", "0")
    if not after.isascii() or not after.isdigit():
        raise InputRefused("消息序号应为正整数", field="after")
    jjdbh = call.parameter("jjdbh")
    async with call.deps.database.sessions() as session:
        number, steps = await told_of_alarm(session, call.sight, jjdbh)
    told = messages_for(jjdbh, number, steps)
    return Answer({"messages": told[int(after) :], "after": ""})
