use std::fs;
use std::path::Path;

/// Messages published by other projects; they are not part of this repository.
#[test]
fn published_messages_are_read_and_written_back_byte_by_byte() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/hl7v2");
    let Ok(entries) = fs::read_dir(&folder) else {
        println!("not checked: no published messages at {}", folder.display());
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let batch = hl7v2::batch::split(&bytes);
        for bytes in batch.messages {
            let (message, flaws) =
                hl7v2::parse(bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert_eq!(message.to_bytes(), bytes, "{}", path.display());
            assert!(message.header().message_code().value().is_said(), "{}", path.display());
            let told: Vec<String> = flaws.iter().map(ToString::to_string).collect();
            println!("{}: {}", path.display(), told.join("; "));
            hl7v2::fuzz::parse(bytes);
        }
    }
}
