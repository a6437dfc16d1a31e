"""What a collector's posts leave behind, as `listener.model.Memory` tells it: for tests without a store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from listener.model import Batch, Post


class Shelf:
    """Posts by the site's ids in the order they came; those that hold `word` mention the product."""

    def __init__(self, word: str = "akkufix") -> None:
        self.posts: dict[str, Post] = {}
        self.numbers: list[str] = []
        self.mentioned: list[tuple[int, str]] = []
        self.erased: set[str] = set()
        self._word = word

    def keep(self, batches: Iterable[Batch]) -> Batch:
        """Store all; the last batch."""
        last = Batch()
        for last in batches:
            self.store(last.posts)
        return last

    def store(self, posts: Iterable[Post]) -> None:
        """New ones get the next number; of erased ones only their name is left."""
        for post in posts:
            if post.id not in self.posts:
                self.numbers.append(post.id)
                if self._word in post.text.casefold():
                    self.mentioned.append((len(self.numbers), post.id))
            elif post.deleted:
                post = Post(post.id, self.posts[post.id].url, "", deleted=True, erased=post.erased)
            if post.deleted and post.erased:
                self.erased.add(post.id)
            self.posts[post.id] = post

    def standing(self, after: int, limit: int, *, mentioned: bool = False) -> Sequence[tuple[int, str]]:
        """See `Memory`."""
        if mentioned:
            return [(n, name) for n, name in self.mentioned if n > after and self._stands(name)][:limit]
        found: list[tuple[int, str]] = []
        for number in range(after + 1, len(self.numbers) + 1):
            if len(found) == limit:
                break
            if self._stands(self.numbers[number - 1]):
                found.append((number, self.numbers[number - 1]))
        return found

    def _stands(self, name: str) -> bool:
        return not self.posts[name].deleted

    def threads(self, since: datetime) -> Sequence[str]:
        """See `Memory`."""
        mentioned = [self.posts[name] for _, name in reversed(self.mentioned)]
        later = (post for post in mentioned if post.published_at and post.published_at >= since)
        return list(dict.fromkeys(post.thread_id for post in later))

    def addresses(self, ids: Sequence[str]) -> Mapping[str, str]:
        """See `Memory`."""
        return {name: self.posts[name].url for name in ids if name in self.posts}
