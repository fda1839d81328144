//! Keys by the numbers that X and RFB have for them (X11/keysymdef.h).

/// Keys that have names, with the names that models know them by, in lower case.
const NAMED: &[(&[&str], u32)] = &[
    (&["enter", "return"], 0xff0d),
    (&["tab"], 0xff09),
    (&["escape", "esc"], 0xff1b),
    (&["backspace"], 0xff08),
    (&["delete", "del"], 0xffff),
    (&["insert", "ins"], 0xff63),
    (&["home"], 0xff50),
    (&["left", "arrowleft"], 0xff51),
    (&["up", "arrowup"], 0xff52),
    (&["right", "arrowright"], 0xff53),
    (&["down", "arrowdown"], 0xff54),
    (&["pageup", "page_up", "prior", "pgup"], 0xff55),
    (&["pagedown", "page_down", "next", "pgdn"], 0xff56),
    (&["end"], 0xff57),
    (&["space"], 0x20),
    (&["plus"], 0x2b),
    (&["minus"], 0x2d),
    (&["comma"], 0x2c),
    (&["period", "dot"], 0x2e),
    (&["slash"], 0x2f),
    (&["menu", "contextmenu"], 0xff67),
    (&["print", "printscreen"], 0xff61),
    (&["pause"], 0xff13),
    (&["capslock", "caps_lock"], 0xffe5),
    (&["ctrl", "control", "control_l", "ctrl_l"], 0xffe3),
    (&["shift", "shift_l"], 0xffe1),
    (&["alt", "option", "alt_l"], 0xffe9),
    (&["altgr", "iso_level3_shift"], 0xfe03),
    (&["super", "super_l", "meta", "cmd", "command", "win", "windows"], 0xffeb),
];

/// First of the function keys.
const F1: u32 = 0xffbe;

/// Where Unicode characters begin that have no number of their own.
const UNICODE: u32 = 0x0100_0000;

/// The key that types a character; `None` for control characters that no key types.
pub(crate) fn keysym_of(character: char) -> Option<u32> {
    match character {
        '\n' | '\r' => Some(0xff0d),
        '\t' => Some(0xff09),
        '\u{8}' => Some(0xff08),
        '\u{1b}' => Some(0xff1b),
        ' '..='~' | '\u{a0}'..='\u{ff}' => Some(character.into()),
        _ if character.is_control() => None,
        _ => Some(UNICODE + u32::from(character)),
    }
}

/// The key with a name (`enter`, `ctrl`, `f5`) or of a single character, whatever the case of a name.
pub(crate) fn key_named(name: &str) -> Option<u32> {
    let mut characters = name.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        return keysym_of(only);
    }
    let name = name.to_lowercase();
    if let Some((_, keysym)) = NAMED.iter().find(|(names, _)| names.contains(&name.as_str())) {
        return Some(*keysym);
    }
    let number: u32 = name.strip_prefix('f')?.parse().ok()?;
    (1..=24).contains(&number).then(|| F1 + number - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_numbers_of_keysymdef() {
        let cases = [
            ("a", Some(0x61)),
            ("A", Some(0x41)),
            ("Enter", Some(0xff0d)),
            ("F5", Some(0xffc2)),
            ("f12", Some(0xffc9)),
            ("ctrl", Some(0xffe3)),
            ("Page_Down", Some(0xff56)),
            ("é", Some(0xe9)),
            ("€", Some(0x0100_20ac)),
            ("nothing", None),
            ("f99", None),
            ("", None),
        ];
        for (name, expected) in cases {
            assert_eq!(key_named(name), expected, "{name}");
        }
        assert_eq!(keysym_of('\n'), Some(0xff0d));
        assert_eq!(keysym_of('\u{7}'), None);
        assert_eq!(keysym_of('日'), Some(0x0100_65e5));
    }
}
