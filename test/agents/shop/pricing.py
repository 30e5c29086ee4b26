import importlib
import logging
import os

import requests
from flask import Flask

app = Flask(__name__)
log = logging.getLogger("pricing")


@app.get("/ready")
def ready():
    return "ready"


@app.get("/own")
def own():
    return importlib.import_module("own").value


@app.get("/price/<item>")
def price(item):
    log.warning("somebody asks for %s", item)
    left = requests.get(f"{os.environ['STOCK_URL']}/left/{item}", timeout=30)
    left.raise_for_status()
    return {"item": item, "price": 12, "left": left.text}


app.run(host="127.0.0.1", port=int(os.environ["PORT"]))
