import os
import signal
import threading

from flask import Flask
from werkzeug.serving import make_server

app = Flask(__name__)


@app.get("/ready")
def ready():
    return ""


@app.get("/<item>")
def price(item):
    """Knows what everything costs."""
    return {"item": item, "price": 7}


server = make_server("127.0.0.1", int(os.environ["PORT"]), app, threaded=True)
server.daemon_threads = False


def leave(_signal, _frame):
    # Whoever has not heard yet that this pod is leaving is let in, and whoever was let in is answered.
    threading.Timer(0.4, server.shutdown).start()


signal.signal(signal.SIGTERM, leave)
server.serve_forever(poll_interval=0.1)
os._exit(0)
