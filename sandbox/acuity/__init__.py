"""Acuity Scheduling, emulated: https://developers.acuityscheduling.com"""

from fastapi import APIRouter

from sandbox.acuity.book import Book
from sandbox.acuity.routes import router
from sandbox.acuity.wire import refusal, shown
from sandbox.kit import Kit
from sandbox.wire import Json, Refusal


class Acuity:
    slug = "acuity"

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.book = Book(kit)

    def router(self) -> APIRouter:
        return router(self.book)

    def fault(self, status: int, wait: int) -> Refusal:
        names = {401: "unauthorized", 404: "not_found", 429: "too_many_requests"}
        answer = refusal(status, "The request could not be served.", names.get(status, "error"))
        if status == 429:
            answer.headers["Retry-After"] = str(wait)
        return answer

    def state(self) -> Json:
        return {
            "appointments": [shown(one) for one in self.book.appointments.values()],
            "own_messages": self.book.own_messages,
        }
