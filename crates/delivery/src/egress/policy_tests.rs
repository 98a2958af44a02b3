use super::*;

fn policy(allow: &[&str]) -> Policy {
    let allow = allow.iter().map(|text| text.parse().unwrap()).collect();
    Policy::new(Options { allow, ..Options::default() }, Loopback::Refused)
}

#[track_caller]
fn check(policy: &Policy, address: &str, expected: Result<(), Refusal>) {
    assert_eq!(policy.judge(address.parse().unwrap(), Standing::Public), expected, "{address}");
}

fn private(ip: &str) -> Result<(), Refusal> {
    Err(Refusal::PrivateAddress(ip.parse().unwrap()))
}

fn never(ip: &str) -> Result<(), Refusal> {
    Err(Refusal::NeverCalled(ip.parse().unwrap()))
}

#[test]
fn an_opened_network_is_open_on_the_ports_that_were_named() {
    let policy = policy(&["10.2.0.0/16", "10.3.0.0/16:443,6379", "fd00:1::/32"]);
    check(&policy, "10.2.3.4:443", Ok(()));
    check(&policy, "10.2.3.4:6379", Err(Refusal::Port(6379)));
    check(&policy, "10.3.3.4:6379", Ok(()));
    check(&policy, "10.3.3.4:8443", private("10.3.3.4"));
    check(&policy, "10.4.0.1:443", private("10.4.0.1"));
    check(&policy, "[fd00:1::5]:443", Ok(()));
}

#[test]
fn metadata_stays_shut_even_if_everything_is_opened() {
    let policy = policy(&["0.0.0.0/0", "::/0"]);
    for ip in ["169.254.169.254", "100.100.100.200", "168.63.129.16"] {
        check(&policy, &format!("{ip}:80"), never(ip));
    }
    for ip in ["fd00:ec2::254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe"] {
        check(&policy, &format!("[{ip}]:80"), never(ip));
    }
    check(&policy, "127.0.0.1:80", Ok(()));
}

#[test]
fn a_name_of_an_inner_network_must_lead_to_an_opened_one() {
    let policy = policy(&["10.2.0.0/16"]);
    let judge = |address: &str| policy.judge(address.parse().unwrap(), Standing::Internal);
    assert_eq!(judge("10.2.3.4:443"), Ok(()));
    assert_eq!(judge("8.8.8.8:443"), Err(Refusal::InternalName));
}

#[test]
fn our_own_listeners_are_never_called() {
    let policy = Policy::new(Options::default(), Loopback::Allowed);
    let own = ["0.0.0.0:8080", "93.184.215.99:443"].map(|text| text.parse().unwrap());
    policy.listen_on(own.to_vec());
    for text in ["127.0.0.1:8080", "[::1]:8080", "93.184.215.99:443"] {
        let address = text.parse().unwrap();
        check(&policy, text, Err(Refusal::OwnAddress(address)));
    }
    check(&policy, "127.0.0.1:8081", Ok(()));
    let ends = |local: &str, peer: &str| Ends { local: local.parse().unwrap(), peer: peer.parse().unwrap() };
    let mine = "93.184.215.7:8080".parse().unwrap();
    let back = policy.judge_peer(ends("93.184.215.7:5000", "93.184.215.7:8080"), mine);
    assert_eq!(back, Err(Refusal::OwnAddress(mine)));
    let other = "93.184.215.8:8080".parse().unwrap();
    assert_eq!(policy.judge_peer(ends("93.184.215.7:5000", "93.184.215.8:8080"), other), Ok(()));
    let elsewhere = policy.judge_peer(ends("93.184.215.7:5000", "10.0.0.1:8080"), other);
    assert_eq!(elsewhere, Err(Refusal::OtherPeer("10.0.0.1:8080".parse().unwrap())));
}

#[test]
fn the_ports_of_other_protocols_are_shut_unless_named() {
    assert!(OTHER_PROTOCOLS.is_sorted());
    let shut = policy(&[]);
    for port in [22, 25, 2575, 5432, 6379, 9000, 9200, 27017] {
        check(&shut, &format!("8.8.8.8:{port}"), Err(Refusal::Port(port)));
    }
    for port in [80, 443, 3000, 5000, 8000, 8080, 8443, 9443] {
        check(&shut, &format!("8.8.8.8:{port}"), Ok(()));
    }
    let open = Policy::new(Options { ports: vec![9000], ..Options::default() }, Loopback::Refused);
    check(&open, "8.8.8.8:9000", Ok(()));
    check(&open, "127.0.0.1:9000", private("127.0.0.1"));
}

#[test]
fn a_network_reads_back_as_it_was_written() {
    for text in ["10.2.0.0/16", "10.2.0.0/16:443,8443", "fd00:1::/32", "fd00:1::/32:443"] {
        assert_eq!(text.parse::<Network>().unwrap().to_string(), text);
    }
    for text in ["10.2.0.0", "10.2.0.0/33", "10.2.0.0/16:", "10.2.0.0/16:70000", "x/8"] {
        assert_eq!(text.parse::<Network>(), Err(NotANetwork), "{text}");
    }
}

#[test]
fn the_host_that_the_operator_names_may_be_anywhere_but_where_credentials_are_handed_out() {
    let policy = Policy::for_operator(587);
    for good in ["127.0.0.1:587", "10.2.3.4:587", "192.168.1.1:587", "[fd00::1]:587"] {
        assert_eq!(policy.judge(good.parse().unwrap(), Standing::Internal).err(), None, "{good}");
    }
    assert_eq!(policy.judge("8.8.8.8:587".parse().unwrap(), Standing::Public).err(), None);
    assert!(policy.judge("10.2.3.4:25".parse().unwrap(), Standing::Literal).is_err(), "another port");
    assert!(policy.judge("169.254.169.254:587".parse().unwrap(), Standing::Literal).is_err());
}
