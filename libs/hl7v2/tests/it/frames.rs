use hl7v2::mllp::{Commit, Decoder, Event, Peer, commit, frame};

/// What a stream means, told as words, whole, byte by byte and in two pieces a time.
#[track_caller]
fn check(bytes: &[u8], expected: &[&str]) {
    assert_eq!(tell(bytes, bytes.len().max(1)), expected, "whole");
    assert_eq!(tell(bytes, 1), expected, "byte by byte");
    assert_eq!(tell(bytes, 2), expected, "in pairs");
}

fn tell(bytes: &[u8], piece: usize) -> Vec<String> {
    let mut decoder = Decoder::new(LIMIT);
    let mut events = Vec::new();
    for piece in bytes.chunks(piece) {
        decoder.push(piece);
        events.extend(decoder.by_ref());
    }
    if decoder.awaits_return() {
        events.push(Event::Noise { bytes: 0 });
    }
    events.extend(decoder.finish());
    events.extend(decoder.by_ref());
    let mut told: Vec<String> = Vec::new();
    let mut noise = 0;
    for event in events {
        let word = match event {
            Event::Noise { bytes: 0 } => "awaits CR".to_owned(),
            Event::Noise { bytes } => {
                noise += bytes;
                continue;
            }
            Event::Frame(body) => format!("frame {}", body.escape_ascii()),
            Event::Commit(Commit::Positive) => "commit".to_owned(),
            Event::Commit(Commit::Negative) => "no commit".to_owned(),
            Event::Unfinished { bytes } => format!("unfinished {bytes}"),
            Event::Oversize { head } => format!("oversize {}", head.len()),
            Event::Close(peer) => format!("close {peer:?}"),
        };
        told.push(word);
    }
    let is_closed = told.last().is_some_and(|word| word.starts_with("close"));
    if noise > 0 && !is_closed {
        told.push(format!("noise {noise}"));
    }
    told
}

const LIMIT: usize = 64;

#[test]
fn hostile_1_to_3_5_to_10_12_18_23_frames_end_as_their_senders_meant() {
    check(b"\x0bMSH|a\r\x1c\r", &["frame MSH|a\\r"]);
    check(b"\x0ba\x1c\r\x0bb\x1c\r\x0bc\x1c\r", &["frame a", "frame b", "frame c"]); // 18
    check(b"MSH|a\r\x1c\r", &["noise 8"]); // 1
    check(b"\x0bMSH|a\r", &["unfinished 6"]); // 2
    check(b"\x0bMSH|a\r\x1c", &["awaits CR", "frame MSH|a\\r"]); // 3, 5
    check(b"\x0ba\x1c\x0bb\x1c\r", &["frame a", "frame b"]); // 3
    check(b"\x0ba\x1c\n\x0bb\x1c\r\n", &["frame a", "frame b", "noise 1"]);
    check(b"\x0ba\r\x1c\x0bb\r\x1c\r", &["frame a\\r", "frame b\\r"]); // 5
    check(b"\x0b\x0ba\x1c\r", &["frame a", "noise 1"]); // 6
    check(b"\x0ba\x0bb\x1c\r", &["frame a\\x0bb"]); // 7
    check(b"\x0bMSH|a\x0bMSH|b\x1c\r", &["unfinished 5", "frame MSH|b"]); // 7
    check(b"\x0bMSH|a\x0bMSHa\x1c\r", &["frame MSH|a\\x0bMSHa"]);
    check(b"\x0ba\x1cb\x1c\x1cc\x1c\r", &["frame a\\x1cb\\x1c\\x1cc"]); // 8
    check(b"\x0b\x1c\r\x0b\x1c\r", &["noise 6"]); // 9
    check(b"\x0b\r\x1c\r", &["frame \\r"]); // 10
    check(b" \r\n\0\x0ba\x1c\r\r\n\x0bb\x1c\r", &["frame a", "frame b", "noise 6"]); // 12
    check(b"\x0b\x06\x1c\r\x0b\x15\x1c\r", &["commit", "no commit"]); // 23
    check(b"", &[]);
}

#[test]
fn hostile_4_a_frame_whose_end_is_split_over_packets_is_one_frame() {
    let mut decoder = Decoder::new(LIMIT);
    decoder.push(b"\x0bMSH|a\r\x1c");
    assert_eq!((decoder.next(), decoder.awaits_return()), (None, true));
    decoder.push(b"\r\x0bMSH|b");
    assert_eq!(decoder.next(), Some(Event::Frame(b"MSH|a\r".to_vec())));
    assert_eq!((decoder.next(), decoder.is_in_frame()), (None, true), "and the next has begun");
}

#[test]
fn hostile_14_15_a_body_may_reach_the_limit_and_not_pass_it() {
    let body = |length| frame(&vec![b'x'; length]);
    let full = format!("frame {}", "x".repeat(LIMIT));
    check(&body(LIMIT), &[&full]); // 14
    check(&body(LIMIT + 1), &["oversize 64"]);
    check(&[body(LIMIT + 9), body(1)].concat(), &["oversize 64", "frame x"]);
    check(&[b"\x0b".to_vec(), vec![b'x'; 3 * LIMIT]].concat(), &["oversize 64", "close Endless"]); // 15
    check(&[b"\x0b".to_vec(), vec![0x1c; 3 * LIMIT]].concat(), &["oversize 64", "close Endless"]);
}

#[test]
fn hostile_20_a_stranger_is_told_to_go() {
    check(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\x0b\x0b", &["close Tls"]); // 20
    check(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", &["close Http"]);
    check(b"SSH-2.0-OpenSSH_9.6\r\n", &["close Ssh"]);
    check(&[0; 4096], &["close Unknown"]);
    check(b"\r\n\r\n", &["noise 4"]);
}

#[test]
fn whatever_comes_the_decoder_ends_and_stays_small() {
    let mut state = 7_u32;
    let mut random = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let random: Vec<u8> = random.by_ref().take(1 << 16).collect();
    let told = tell(&random, 1000);
    assert!(told.len() < 200, "{}", told.len());
    for bytes in [b"\x0b\x1c\r".repeat(20_000), vec![0x0b; 60_000], vec![0x1c; 60_000], vec![0; 60_000]] {
        let mut decoder = Decoder::new(1 << 20);
        decoder.push(&bytes);
        let events: Vec<_> = decoder.by_ref().collect();
        assert!(matches!(events.last(), Some(Event::Close(Peer::Unknown))), "{events:?}");
        decoder.push(b"\x0bMSH|\x1c\r");
        assert_eq!((decoder.next(), decoder.finish()), (None, None));
    }
}

#[test]
fn hostile_13_a_large_body_in_small_pieces_is_one_frame() {
    let body = vec![b'x'; 10_000_000]; // 13
    let mut decoder = Decoder::new(body.len());
    let mut events = Vec::new();
    for piece in frame(&body).chunks(1460) {
        decoder.push(piece);
        events.extend(decoder.by_ref());
    }
    let [Event::Frame(read)] = events.as_slice() else { panic!("one frame") };
    assert_eq!(*read, body);
    assert!(read.capacity() <= body.len());
    assert_eq!(commit(Commit::Negative), *b"\x0b\x15\x1c\r");
}
