"""A caller for the services' tests: presses keys, says words, and hears what is said."""

from dataclasses import dataclass, field
from itertools import count

from rebook.db.call_tables import PhoneCall
from rebook.db.session import ledger
from rebook.domain.calls import Heard, Spoken
from rebook.services import calls
from tests.services.office import LEILANI, rows

SIDS = count(1)
OURS = "+18085550100"


@dataclass
class Caller:
    number: str = LEILANI.phone
    office: str = ""
    sid: str = field(default_factory=lambda: f"CA{next(SIDS):032x}")
    turn: int = 0
    last: Spoken = field(default_factory=lambda: Spoken(()))

    def hears(self, keys: str = "", speech: str = "", *, reached: bool = False) -> str:
        """One turn; what is said in it."""
        heard = Heard(self.sid, self.number, OURS, self.turn, keys, speech, reached)
        with ledger() as session:
            self.last = calls.answer(session, "twilio", heard, office=self.office)
        self.turn = self.last.turn
        return " ".join(line.text for line in self.last.lines)

    def at_the_menu(self) -> str:
        """In English, and known by first name."""
        self.hears()
        self.hears("1")
        return self.hears(speech="Leilani.")

    @property
    def hung_up(self) -> bool:
        return not (self.last.keys or self.last.wait or self.last.dial)

    @property
    def row(self) -> PhoneCall:
        (found,) = rows(PhoneCall, source=f"twilio:{self.sid}")
        return found
