import os
import signal

from flask import Flask

app = Flask(__name__)


@app.get("/ready")
def ready():
    return ""


@app.get("/<item>")
def price(item):
    """Knows what everything costs."""
    return {"item": item, "price": 7}


def leave(_signal, _frame):
    # Whoever has not heard yet that this pod is leaving is still answered.
    signal.setitimer(signal.ITIMER_REAL, 0.4)


signal.signal(signal.SIGTERM, leave)
signal.signal(signal.SIGALRM, lambda _signal, _frame: os._exit(0))
app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
