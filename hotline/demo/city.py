"""The city around the demonstration: cases of every state, and a log-in for each post."""

from core.auth import Role
from core.clock import SystemClock
from core.config import Settings
from core.vault import Vault
from hotline.demo.screen import say
from hotline.seed.living import bring_to_life
from hotline.seed.load import demo_password, log_ins

_POSTS = {
    Role.AGENT: "受理员",
    Role.DISPATCHER: "派遣员",
    Role.CALLBACK: "回访员",
    Role.SUPERVISOR: "督办员",
    Role.TEAM_LEAD: "班长",
    Role.QA: "质检员",
    Role.DIRECTOR: "中心主任",
    Role.UNIT_OPS: "承办单位联络员",
    Role.UNIT_LEAD: "承办单位领导",
    Role.UNIT3: "三级单位",
    Role.INSPECTOR: "监督员",
    Role.LEADER: "市领导",
    Role.ADMIN: "系统管理员",
}


async def show_city(settings: Settings) -> None:
    """Make the cases where there are none yet, and say who may log in."""
    say("准备演示城市……")
    vault = Vault(bytes.fromhex(settings.master_key))
    made = await bring_to_life(settings.database_url, vault=vault, now=SystemClock().now())
    say(f"已生成 {made} 件各状态的工单。" if made else "演示工单已在。")
    say("每个岗位一个账号（账号 / 密码）：")
    for role, account, name in log_ins():
        say(f"  {_POSTS[Role(role)]}　{name}　{account} / {demo_password(account)}")
