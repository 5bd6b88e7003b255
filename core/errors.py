"""Every error the product raises on purpose.

HotlineError
 +-- SettingWrong            a setting that cannot work
 +-- InputRefused            a value from outside that we cannot take
 +-- NotFound                no such call, case, agent, recording ...
 +-- NotAllowed              the actor may not do this
 +-- LoginRefused            wrong name or password, or too many tries
 +-- TransitionRefused       the state does not allow it now
 +-- Conflict                somebody else was faster
 +-- Unavailable             a part we need does not answer; try again (retryable)

A feature adds its own errors as subclasses of these; one place (agent_ui.middleware) turns them
into HTTP. The message is for people: Chinese, one sentence, no personal data.
"""


class HotlineError(Exception):
    """Base of everything a caller may want to catch.

    code: stable machine-readable word; message: a sentence for people; details: facts for the
    program (never personal data); retryable: the same request may work a little later.
    """

    code = "hotline_error"
    retryable = False

    def __init__(self, message: str = "", **details: object) -> None:
        super().__init__(message or self.code)
        self.message = message or self.code
        self.details = details


class SettingWrong(HotlineError):
    """A setting is missing or cannot work."""

    code = "setting_wrong"


class InputRefused(HotlineError):
    """A value that came from outside cannot be taken."""

    code = "input_refused"


class NotFound(HotlineError):
    """There is no such thing, or the actor must not know that there is."""

    code = "not_found"


class NotAllowed(HotlineError):
    """The actor lacks the permission."""

    code = "not_allowed"


class LoginRefused(HotlineError):
    """Wrong name or password, or too many tries."""

    code = "login_refused"


class TransitionRefused(HotlineError):
    """The present state does not allow this step."""

    code = "transition_refused"


class Conflict(HotlineError):
    """Somebody else changed the same thing first."""

    code = "conflict"


class Unavailable(HotlineError):
    """A part that is needed does not answer."""

    code = "unavailable"
    retryable = True
