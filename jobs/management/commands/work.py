import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from jobs import workers


class Command(BaseCommand):
    help = "Executa as tarefas da fila: até esvaziar (--once) ou sempre (--forever), sem Celery."

    def add_arguments(self, parser: CommandParser) -> None:
        how = parser.add_mutually_exclusive_group(required=True)
        how.add_argument("--once", action="store_true", help="até a fila ficar vazia")
        how.add_argument("--forever", action="store_true", help="até o processo ser encerrado")
        parser.add_argument("--pause", type=float, default=1.0, help="segundos entre buscas com --forever")

    def handle(self, **options: Any) -> None:
        if options["forever"]:
            # A plain SystemExit lets the running job go back to the queue at its last checkpoint.
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
            workers.work_forever(pause=options["pause"])
        else:
            self.stdout.write(f"{workers.work_off()}")
