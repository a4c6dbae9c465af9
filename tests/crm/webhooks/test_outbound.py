import time

from django.test import SimpleTestCase, override_settings

from crm.webhooks import outbound
from crm.webhooks.outbound import Forbidden, Unanswered, check, post
from tests.crm.webhooks.receiver import Receiver

INSIDE = [
    "127.0.0.1",
    "127.255.0.9",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "240.0.0.1",
    "192.0.2.1",
    "198.18.0.1",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001:0:1::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
]
OUTSIDE = ["93.184.215.14", "8.8.8.8", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"]


def send(url, lookup=None, seconds=5.0):
    return post(url, body=b"{}", headers={"Content-Type": "application/json"}, seconds=seconds, lookup=lookup)


class Addresses(SimpleTestCase):
    def test_what_is_not_the_open_internet_is_refused_in_every_writing(self):
        for address in INSIDE:
            with self.subTest(address), self.assertRaises(Forbidden):
                send("https://hooks.example.com/", lookup=lambda host, port, found=address: [found])

    def test_the_open_internet_is_not(self):
        for address in OUTSIDE:
            with self.subTest(address):
                self.assertEqual(outbound._judged("hooks.example.com", [address]), address)

    def test_one_inside_among_those_outside_is_enough_to_refuse(self):
        with self.assertRaises(Forbidden):
            send("https://hooks.example.com/", lookup=lambda host, port: [*OUTSIDE, "10.0.0.1"])

    def test_a_number_that_means_an_address_is_judged_as_one(self):
        for host in ("2130706433", "0x7f000001", "127.1", "0177.0.0.1"):
            with self.subTest(host), self.assertRaises((Forbidden, Unanswered)):
                send(f"https://{host}/")

    def test_an_address_that_no_look_up_could_save_is_refused_when_it_is_typed(self):
        for url in (
            "ftp://example.com/",
            "http://example.com/",
            "https://",
            "https:///x",
            "https://user:secret@example.com/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://example.com:0/",
            "https://example.com:99999/",
            "https://exam\tple.com/",
            "https://exam ple.com/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://in.localhost/",
            "example.com",
            "",
        ):
            with self.subTest(url), self.assertRaises(Forbidden):
                check(url)
        self.assertEqual(check("https://example.com:8443/a?b=c").port, 8443)

    @override_settings(WEBHOOK_ALLOW=["10.1.0.0/16", "hooks.internal", "::1/128"])
    def test_what_the_installation_allows_may_be_called_and_no_more(self):
        self.assertEqual(check("http://10.1.2.3/").hostname, "10.1.2.3")
        self.assertEqual(check("http://hooks.internal/").hostname, "hooks.internal")
        self.assertEqual(outbound._judged("hooks.internal", ["192.168.0.9"]), "192.168.0.9")
        self.assertEqual(outbound._judged("a.example.com", ["10.1.0.1"]), "10.1.0.1")
        for host, address in (("a.example.com", "10.2.0.1"), ("a.example.com", "192.168.0.9")):
            with self.subTest(address), self.assertRaises(Forbidden):
                outbound._judged(host, [address])


class Calls(SimpleTestCase):
    def setUp(self):
        self.receiver = Receiver()
        self.addCleanup(self.receiver.close)
        allowed = override_settings(WEBHOOK_ALLOW=["127.0.0.1"])
        allowed.enable()
        self.addCleanup(allowed.disable)

    def test_goes_to_the_address_that_was_judged_though_the_name_changes_its_mind(self):
        asked = []

        def rebinding(host, port):
            """The first time the allowed address, afterwards the cloud's own."""
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

        url = f"http://hooks.example.com:{self.receiver.port}/a b?c=d"
        with override_settings(WEBHOOK_ALLOW=["127.0.0.1", "hooks.example.com"]):
            self.assertEqual(send(url, lookup=rebinding).status, 204)
        self.assertEqual(asked, ["hooks.example.com"])
        self.assertEqual(self.receiver.received[0][0]["host"], f"hooks.example.com:{self.receiver.port}")

    def test_a_redirect_is_an_answer_and_not_followed(self):
        inner = Receiver()
        self.addCleanup(inner.close)
        self.receiver.status, self.receiver.location = 302, inner.url
        answer = send(self.receiver.url)
        self.assertEqual((answer.status, answer.location), (302, inner.url))
        self.assertEqual(inner.received, [])

    def test_where_it_leads_is_told_whole_bounded_and_readable(self):
        self.receiver.status = 307
        for named, told in (("", ""), ("//[", "//["), ("https://a.example/" + "x" * 300, 200)):
            self.receiver.location = named
            with self.subTest(named):
                location = send(self.receiver.url).location
                self.assertEqual(len(location) if isinstance(told, int) else location, told)
        self.receiver.status, self.receiver.location = 201, "/made/1"
        self.assertEqual(send(self.receiver.url).location, "")

    def test_of_a_long_answer_only_the_beginning_is_read(self):
        self.receiver.status, self.receiver.answer = 200, b"\x00" + b"x" * 5_000_000
        answer = send(self.receiver.url)
        self.assertEqual((answer.status, answer.text), (200, "x" * 999))

    def test_who_drips_is_left_when_the_time_is_over(self):
        self.receiver.drips.set()
        started = time.monotonic()
        with self.assertRaisesMessage(Unanswered, "127.0.0.1 did not answer in time."):
            send(self.receiver.url, seconds=0.3)
        self.assertLess(time.monotonic() - started, 3)

    def test_nobody_there_is_said_so(self):
        self.receiver.close()
        with self.assertRaisesMessage(Unanswered, "127.0.0.1 refuses the connection: nothing listens there."):
            send(self.receiver.url)
        self.receiver = Receiver()

    def test_what_is_no_secure_server_is_said_so(self):
        told = "127.0.0.1 offers no secure connection: "
        with self.assertRaisesMessage(Unanswered, told):
            send(self.receiver.url.replace("http:", "https:"))

    def test_a_name_that_does_not_exist_is_said_so(self):
        def nowhere(host, port):
            raise OSError("no such name")

        told = "hooks.example.com could not be looked up: no such name."
        with self.assertRaisesMessage(Unanswered, told):
            send("https://hooks.example.com/", lookup=nowhere)
