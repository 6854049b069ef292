import socket

import pytest

from wireroom.networks import AddressPolicy, parse_networks

PUBLIC = AddressPolicy()

REFUSED = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.127.255.254", "127.0.0.1"),
    *(
        "127.255.255.255",
        "169.254.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.0.192",
        "192.0.2.1",
    ),
    *(
        "192.88.99.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
    ),
    *("239.255.255.255", "240.0.0.1", "255.255.255.255"),
    *("169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16", "fd00:ec2::254"),  # metadata
    *(
        "::",
        "::1",
        "::2",
        "fe80::1",
        "fe80::1%1",
        "febf::1",
        "fec0::1",
        "fc00::1",
        "fdff::1",
        "ff02::1",
        "ff0e::1",
    ),
    *(
        "100::1",
        "2001:db8::1",
        "3fff::1",
        "3ffe::1",
        "5f00::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "4000::1",
    ),
    *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:7f00:1"),  # mapped
    *("::127.0.0.1", "::8.8.8.8"),  # compatible
    *("::ffff:0:127.0.0.1", "::ffff:0:8.8.8.8"),  # SIIT
    *(
        "64:ff9b::127.0.0.1",
        "64:ff9b::10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::8.8.8.8",
        "64:ff9b:1::10.0.0.1",
    ),
    *("2002:7f00:1::", "2002:0a00:0001::1", "2002:c0a8:0101::1", "2002:0808:0808::1"),  # 6to4
    *("2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001::1"),  # Teredo
    *("2a00:1450:4001::5efe:10.0.0.1", "2a00:1450:4001::200:5efe:192.168.1.1"),  # ISATAP
]


@pytest.mark.parametrize("ip", REFUSED)
def test_what_is_not_public_is_refused(ip: str):
    assert PUBLIC.refuse(ip, 80)
    assert PUBLIC.refuse_address(ip)


@pytest.mark.parametrize(
    "ip",
    [
        *("8.8.8.8", "1.1.1.1", "93.184.215.14", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1"),
        *("168.63.129.15", "198.20.0.1", "223.255.255.255", "2a00:1450:4001:80b::200e", "2606:4700::1111"),
        *("::ffff:8.8.8.8", "64:ff9b::8.8.8.8"),
    ],
)
def test_public_addresses_are_open_on_the_named_ports_only(ip: str):
    assert PUBLIC.refuse(ip, 80) is None
    assert PUBLIC.refuse(ip, 443) is None
    assert PUBLIC.refuse(ip, 22) == "port 22 is not among the allowed ports"
    assert PUBLIC.refuse_address(ip) is None


@pytest.mark.parametrize(
    "text", ["", "localhost", "127.1", "0177.0.0.1", "2130706433", "0x7f000001", "1.2.3.4.5", "[::1]"]
)
def test_what_is_no_address_is_refused(text: str):
    assert "is not an address" in (PUBLIC.refuse(text, 80) or "")


def test_the_reason_names_the_address_inside():
    assert PUBLIC.refuse("64:ff9b::a00:1", 80) == "64:ff9b::a00:1 is not public: NAT64 of 10.0.0.1, private"
    assert PUBLIC.refuse("::ffff:127.0.0.1", 80) == "::ffff:127.0.0.1 is not public: loopback"


def test_named_networks_are_open_on_every_port_and_nothing_beside_them():
    policy = AddressPolicy(parse_networks("127.0.0.0/8, fd12::/16"), (80, 443))
    assert policy.refuse("127.0.0.9", 6379) is None
    assert policy.refuse("::ffff:127.0.0.9", 6379) is None
    assert policy.refuse("fd12::1", 1) is None
    assert policy.refuse("10.0.0.1", 80)
    assert policy.refuse("fd13::1", 80)
    assert policy.refuse("::1", 80)
    assert policy.refuse("64:ff9b::127.0.0.9", 80)
    assert policy.refuse("8.8.8.8", 8080)


def test_one_refused_address_refuses_the_whole_answer():
    assert PUBLIC.screen(["8.8.8.8", "10.0.0.1"], 80) == ()
    assert PUBLIC.screen(["8.8.8.8", "2606:4700::1111"], 80) == ("8.8.8.8", "2606:4700::1111")
    assert PUBLIC.screen(["8.8.8.8"], 22) == ()
    assert PUBLIC.screen([], 80) == ()


def test_of_a_mixed_answer_only_what_the_operator_named_is_used():
    policy = AddressPolicy(parse_networks("127.0.0.0/8"))
    assert policy.screen(["::1", "127.0.0.1"], 80) == ("127.0.0.1",)
    assert policy.screen(["8.8.8.8", "127.0.0.1", "10.0.0.1"], 8080) == ("127.0.0.1",)
    assert policy.screen(["8.8.8.8", "127.0.0.1"], 80) == ("8.8.8.8", "127.0.0.1")


def test_no_address_of_this_machine_is_open():
    own = {str(entry[4][0]) for entry in socket.getaddrinfo("localhost", None)}
    assert all(PUBLIC.refuse(ip, 80) for ip in own)


def test_networks_are_read_and_a_wrong_one_is_named():
    assert [str(n) for n in parse_networks("127.0.0.0/8 10.1.0.0/16,fd00::/8")] == [
        "127.0.0.0/8",
        "10.1.0.0/16",
        "fd00::/8",
    ]
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        parse_networks("10.0.0.1/8")
