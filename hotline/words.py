"""What the operator of the hotline reads on the terminal, in Chinese and in English."""

from core.config import Settings

_WORDS: dict[str, tuple[str, str]] = {
    "process": ("进程", "process"),
    "pid": ("进程号", "pid"),
    "up_since": ("启动时间", "up since"),
    "restarts": ("重启次数", "restarts"),
    "health": ("状况", "health"),
    "healthy": ("正常", "healthy"),
    "starting": ("启动中", "starting"),
    "ready": ("就绪", "ready"),
    "unhealthy": ("异常：{0}", "not healthy: {0}"),
    "not_answering": ("无应答", "does not answer"),
    "running": ("运行中", "running"),
    "down": ("未运行", "not running"),
    "nothing_runs": ("没有正在运行的进程", "nothing is running"),
    "waiting": ("等待", "waiting"),
    "backing_off": ("稍后重启", "restarting soon"),
    "held": ("已停用", "held"),
    "stopped": ("已停止", "stopped"),
    "everything_runs": ("全部就绪。座席页面：{0}", "Everything serves. Desk: {0}"),
    "logs_in": ("日志目录：{0}", "Logs: {0}"),
    "stop_with_keys": ("按 Ctrl-C 停止", "Ctrl-C stops it"),
    "stop_with_down": ("用 hotline down 停止", "`hotline down` stops it"),
    "models": ("语音模型", "speech models"),
    "role_live": ("实时字幕", "live captions"),
    "role_whole": ("通话后转写", "after the call"),
    "role_both": ("实时字幕与通话后转写", "live captions and after the call"),
    "role_none": ("未使用", "not used"),
    "self_test": ("自检错误率 {0}，用时 {1} 秒", "self-test: {0} errors in {1} s"),
    "model": ("{0}（{1}）：{2}", "{0} ({1}): {2}"),
}


def say(settings: Settings, key: str, *values: object) -> str:
    """The phrase in the language of the settings."""
    chinese, english = _WORDS[key]
    return (english if settings.language == "en" else chinese).format(*values)
