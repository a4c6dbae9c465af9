"""Walking a list of customers page by page, there and back."""

from customers.selectors.customer_pages import customer_page
from customers.selectors.lists import Wish
from tests.cases import TenantTestCase


class ListCase(TenantTestCase):
    def walk(self, size=2, **query):
        """All names by walking forward, and once more walking back."""
        forward, backward, cursor = [], [], ""
        while True:
            page = customer_page(Wish.of({**query, "cursor": cursor}), self.admin, size=size).page
            forward.append([row.customer.name for row in page.rows])
            if not page.next:
                break
            cursor = page.next
        while page.previous:
            page = customer_page(Wish.of({**query, "cursor": page.previous}), self.admin, size=size).page
            backward.insert(0, [row.customer.name for row in page.rows])
        self.assertEqual(backward, forward[:-1])
        return [name for part in forward for name in part]
