//! Documents made to swell, loop or overflow: what converts them stays within its memory and its time, and ends with a
//! text or a refusal.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use nix::sys::resource::{UsageWho, getrusage};

use crate::fetch::{PDF_FONT, PDF_PAGE, pdf_of};
use crate::program::PROGRAM;

/// Most memory that a conversion may come to, in KiB; what its own limit allows.
const MAX_RESIDENT_KIB: i64 = 1 << 20;

/// Most processor time of all conversions of a case, in seconds: the limit of one, and a second that the kernel takes
/// until it acts.
const MAX_SECONDS: i64 = 17;

/// Has a document converted, as the host does.
fn convert(kind: &str, document: &[u8]) -> Output {
    let mut child = Command::new(PROGRAM)
        .args(["convert", kind, "--url", "https://example.com/"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    let mut input = child.stdin.take().expect("piped");
    std::thread::scope(|scope| {
        // A converter that has ended takes no more.
        scope.spawn(move || drop(input.write_all(document)));
        child.wait_with_output().expect("it ends")
    })
}

/// Converts a document and checks what that took; gives the text, if there is one.
fn survive(kind: &str, document: &[u8]) -> Option<String> {
    let seconds = || getrusage(UsageWho::RUSAGE_CHILDREN).expect("known").user_time().tv_sec();
    let before = seconds();
    let output = convert(kind, document);
    let used = getrusage(UsageWho::RUSAGE_CHILDREN).expect("known");
    assert!(used.max_rss() <= MAX_RESIDENT_KIB, "{} KiB", used.max_rss());
    assert!(seconds() - before <= MAX_SECONDS, "{} s", seconds() - before);
    output.status.success().then(|| {
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a document");
        document["text"].as_str().expect("text").to_owned()
    })
}

macro_rules! hostile {
    ($($name:ident: $kind:literal, $document:expr;)+) => {$(
        #[test]
        fn $name() {
            survive($kind, &$document);
        }
    )+};
}

/// `count` zeros, deflated by a factor of a thousand.
fn deflated_zeros(count_mib: usize) -> Vec<u8> {
    let script = "import sys, zlib\n\
        c = zlib.compressobj(9, zlib.DEFLATED, -15)\n\
        s = c.compress(bytes(1 << 20)) + c.flush(zlib.Z_FULL_FLUSH)\n\
        n = int(sys.argv[1])\n\
        sum = ((n << 20) % 65521) << 16 | 1\n\
        sys.stdout.buffer.write(b'\\x78\\xda' + s * n + b'\\x03\\x00' + sum.to_bytes(4, 'big'))";
    let output = Command::new("python3").args(["-c", script, &count_mib.to_string()]).output();
    let output = output.expect("Python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// A PDF whose page shows this stream.
fn page_of(dictionary: &str, stream: &[u8]) -> Vec<u8> {
    let head = format!("<< /Length {} {dictionary} >>\nstream\n", stream.len());
    let content = [head.as_bytes(), stream, b"\nendstream"].concat();
    with_pages("/Kids [3 0 R] /Count 1", PDF_PAGE, content)
}

fn with_pages(tree: &str, page: &[u8], content: Vec<u8>) -> Vec<u8> {
    let pages = format!("<< /Type /Pages {tree} >>").into_bytes();
    pdf_of(&[b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(), pages, page.to_vec(), content, PDF_FONT.to_vec()])
}

fn text_stream() -> Vec<u8> {
    let text = format!("BT /F1 9 Tf ({}) Tj ET", "x".repeat(20_000));
    format!("<< /Length {} >>\nstream\n{text}\nendstream", text.len()).into_bytes()
}

hostile! {
    a_stream_that_swells_to_two_gigabytes: "pdf", page_of("/Filter /FlateDecode", &deflated_zeros(2 << 10));
    a_stream_that_swells_within_the_limit: "pdf", page_of("/Filter /FlateDecode", &deflated_zeros(100));
    a_stream_that_swells_twice: "pdf", page_of("/Filter [/FlateDecode /FlateDecode]", &deflated_zeros(64));
    pages_that_are_their_own_children: "pdf", with_pages("/Kids [2 0 R 3 0 R 2 0 R] /Count 3", PDF_PAGE, text_stream());
    a_page_that_is_its_own_parent: "pdf", with_pages("/Kids [3 0 R] /Count 1",
        b"<< /Type /Page /Parent 3 0 R /Contents 4 0 R >>", text_stream());
    a_font_that_is_its_own_descendant: "pdf", pdf_of(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        PDF_PAGE.to_vec(),
        text_stream(),
        b"<< /Type /Font /Subtype /Type0 /DescendantFonts [5 0 R] /Encoding 5 0 R /ToUnicode 5 0 R >>".to_vec(),
    ]);
    a_form_that_draws_itself: "pdf", with_pages("/Kids [3 0 R] /Count 1",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /X 4 0 R >> >> >>",
        b"<< /Type /XObject /Subtype /Form /Resources << /XObject << /X 4 0 R >> >> /Length 5 >>\nstream\n/X Do\nendstream".to_vec());
    a_hundred_thousand_pages: "pdf", with_pages(
        &format!("/Kids [{}] /Count 100000", "3 0 R ".repeat(100_000)), PDF_PAGE, text_stream());
    a_count_of_two_thousand_million: "pdf", with_pages("/Kids [3 0 R] /Count 2147483647", PDF_PAGE, text_stream());
    a_length_of_two_thousand_million: "pdf", with_pages("/Kids [3 0 R] /Count 1", PDF_PAGE,
        b"<< /Length 2147483647 >>\nstream\nBT ET\nendstream".to_vec());
    dictionaries_in_dictionaries: "pdf", [&b"%PDF-1.4\n1 0 obj\n"[..], &b"<< /A ".repeat(500_000)].concat();
    strings_in_strings: "pdf", with_pages("/Kids [3 0 R] /Count 1", PDF_PAGE,
        [&b"<< /Length 2000000 >>\nstream\n"[..], &b"(".repeat(2_000_000), b"\nendstream"].concat());
    brackets_in_a_page: "pdf", with_pages("/Kids [3 0 R] /Count 1", PDF_PAGE,
        [&b"<< /Length 2000000 >>\nstream\n"[..], &b"[".repeat(2_000_000), b"\nendstream"].concat());
    elements_in_elements: "html", "<div>".repeat(400_000).into_bytes();
    elements_behind_what_looks_like_a_comment: "html", format!("<!-->{}", "<div>".repeat(400_000)).into_bytes();
    elements_in_what_is_raw_elsewhere: "html", format!("<svg><title>{}", "<div>".repeat(30_000)).into_bytes();
    formatting_that_is_opened_again_in_each_paragraph: "html", {
        let open: String = (0..250).map(|number| format!("<b id={number}>")).collect();
        format!("{open}{}", "<p>x".repeat(20_000)).into_bytes()
    };
    formatting_that_ends_in_the_wrong_order: "html", "<a><b><i><p></a></b></i>".repeat(2_000).into_bytes();
    a_wide_cell_above_many_rows: "html",
        format!("<table><tr><td>{}</td></tr>{}</table>", "x".repeat(200_000), "<tr><td>y</td></tr>".repeat(20_000)).into_bytes();
    many_cells_in_a_row: "html",
        format!("<table><tr>{}</tr>{}</table>", "<td>x".repeat(10_000), "<tr><td>y".repeat(10_000)).into_bytes();
    an_element_of_many_attributes: "html", {
        let attributes: String = (0..8_000).map(|number| format!("a{number} ")).collect();
        format!("<div {attributes}>").into_bytes()
    };
    lists_in_lists: "html", "<ul><li>x".repeat(120).repeat(1_500).into_bytes();
    quotations_in_quotations: "html", format!("{}{}", "<blockquote>".repeat(250), "<p>x<br>".repeat(10_000)).into_bytes();
    many_entities: "html", "&CounterClockwiseContourIntegral;".repeat(10_000).into_bytes();
}

#[test]
fn what_is_only_large_is_read() {
    let paragraphs: String =
        (0..20_000).map(|number| format!("<p>paragraph {number} of a long page</p>")).collect();
    let text = survive("html", format!("<main>{paragraphs}</main>").as_bytes()).expect("a text");
    assert!(text.contains("paragraph 19999"));
    // A page that makes no sense takes nothing from the others.
    let broken = pdf_of(&[
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R 6 0 R 3 0 R] /Count 3 >>".to_vec(),
        PDF_PAGE.to_vec(),
        text_stream(),
        PDF_FONT.to_vec(),
        b"<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>".to_vec(),
    ]);
    let text = survive("pdf", &broken).expect("a text");
    assert!(text.contains("[page 2]\n(this page cannot be read)\n\n[page 3]\nxxx"), "{}", text.len());
    let text =
        survive("pdf", &with_pages("/Kids [3 0 R 3 0 R] /Count 2", PDF_PAGE, text_stream())).expect("a text");
    assert!(text.contains(&"x".repeat(1_000)));
}
