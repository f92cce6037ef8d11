//! Bundles: the same frames however the bytes come, and what is read is written as the same bytes; requests for them.

#![no_main]

use libfuzzer_sys::fuzz_target;
use npm_formats::bundle::{
    Frame, FrameReader, MissingRequest, NotABundle, ResolveRequest, broken_frame, end_frame, head_frame,
    part_frame, whole_frame,
};

fuzz_target!(|bytes: &[u8]| {
    let (frames, problem) = read(bytes, bytes.len().max(1));
    assert_eq!((&frames, &problem), (&read(bytes, 1).0, &read(bytes, 1).1));
    let written: Vec<u8> = frames.iter().flat_map(|frame| write(frame)).collect();
    let (again, none) = read(&written, 64);
    assert_eq!((again, none), (frames, None));
    if let Ok(request) = serde_json::from_slice::<ResolveRequest>(bytes) {
        let text = serde_json::to_vec(&request).expect("what is read can be written");
        serde_json::from_slice::<ResolveRequest>(&text).expect("and read again");
    }
    if let Ok(request) = serde_json::from_slice::<MissingRequest>(bytes) {
        let text = serde_json::to_vec(&request).expect("what is read can be written");
        let again: MissingRequest = serde_json::from_slice(&text).expect("and read again");
        assert_eq!((again.tarballs, again.manifests), (request.tarballs, request.manifests));
    }
});

fn read(bytes: &[u8], piece: usize) -> (Vec<Frame>, Option<NotABundle>) {
    let mut reader = FrameReader::default();
    let mut frames = Vec::new();
    for piece in bytes.chunks(piece) {
        reader.push(piece);
        loop {
            match reader.next_frame() {
                Ok(Some(frame)) => frames.push(frame),
                Ok(None) => break,
                Err(problem) => return (frames, Some(problem)),
            }
        }
    }
    (frames, None)
}

fn write(frame: &Frame) -> Vec<u8> {
    match frame {
        Frame::Head(head) => head_frame(head).to_vec(),
        Frame::Part(content) => part_frame(content.clone()).concat(),
        Frame::Whole => whole_frame().to_vec(),
        Frame::Broken => broken_frame().to_vec(),
        Frame::End { complete } => end_frame(*complete).to_vec(),
    }
}
