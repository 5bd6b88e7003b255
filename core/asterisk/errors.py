"""What can go wrong between us and Asterisk, in our words.

Unavailable
 +-- AriUnreachable          Asterisk's HTTP server or its event socket is not there
 +-- AriEventMissed          the event we waited for did not come in time
 +-- AmiUnreachable          the manager port is not there, or went silent
Conflict
 +-- AriRefused              Asterisk answered, and said no (details: status, path)
      +-- ChannelGone        no such channel (404), or it left our application (409)
HotlineError
 +-- AmiRefused              the manager answered Error
 +-- AgiBroken               the AGI conversation made no sense
      +-- CallerHungUp       the caller's channel is gone
"""

from core.errors import Conflict, HotlineError, Unavailable


class AriUnreachable(Unavailable):
    """Asterisk's REST interface or event stream does not answer."""

    code = "ari_unreachable"


class AriEventMissed(Unavailable):
    """An event that should have followed a command did not come."""

    code = "ari_event_missed"


class AriRefused(Conflict):
    """Asterisk answered a request with an error status."""

    code = "ari_refused"

    @property
    def status(self) -> int:
        """HTTP status of the refusal."""
        value = self.details.get("status", 0)
        return value if isinstance(value, int) else 0


class ChannelGone(AriRefused):
    """The channel, bridge or playback is not there (any more), or not ours."""

    code = "channel_gone"


class AmiUnreachable(Unavailable):
    """The manager interface does not answer."""

    code = "ami_unreachable"


class AmiRefused(HotlineError):
    """The manager interface answered with an error."""

    code = "ami_refused"


class AgiBroken(HotlineError):
    """The peer did not speak AGI, or refused a command."""

    code = "agi_broken"


class CallerHungUp(AgiBroken):
    """The caller hung up while the script was talking to him."""

    code = "caller_hung_up"
