"""What supervisors and scrapers ask: whether the process is alive, whether it should be sent requests, and its numbers.

Being alive says nothing of other servers: ending this process would mend none of them.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from awe.api.http.codes import Code
from awe.api.http.draining import Drain
from awe.api.http.metrics import Metrics
from awe.api.http.standing import Look, Reason, Standing

_DRAINING = Reason(Code.DRAINING.value, "The process is about to end.")


class Health:
    """The endpoints."""

    def __init__(self, standing: Standing, metrics: Metrics, drain: Drain) -> None:
        self._standing = standing
        self._metrics = metrics
        self._drain = drain

    async def alive(self, _request: Request) -> Response:
        """``/healthz``: this loop turns."""
        return JSONResponse({"status": "ok"})

    async def ready(self, _request: Request) -> Response:
        """``/readyz``: 200, or 503 with the reasons."""
        look = await self._looked()
        reasons = [{"code": each.code, "message": each.message} for each in look.reasons]
        lags = {
            name: {"events": lag.events, "seconds": round(lag.seconds, 3)} for name, lag in look.lags.items()
        }
        status = "not_ready" if reasons else "ready"
        return JSONResponse({"status": status, "reasons": reasons, "lag": lags}, 503 if reasons else 200)

    async def metrics(self, _request: Request) -> Response:
        """``/metrics``."""
        look = await self._looked()
        self._metrics.stand(look.lags)
        self._metrics.ready.set(0 if look.reasons else 1)
        return self._metrics.response

    async def _looked(self) -> Look:
        if self._drain.begun:
            return Look([_DRAINING])
        return await self._standing.look()
