//! From pixels to a picture that a model can use: not larger than models look at, as PNG.

use super::rfb::{Area, Frame, PIXEL};

/// Longest side of a picture. Models scale larger ones down themselves, and then point beside things.
pub(super) const LONGEST_SIDE: u32 = 1568;

/// Most bytes of a picture.
const MAX_BYTES: usize = 4 << 20;

/// How coordinates of the desktop relate to those that the model sees: the same unless the desktop is larger
/// than the largest picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Scale {
    /// So many pixels of the desktop …
    desktop: u32,
    /// … are so many of the model's.
    shown: u32,
}

impl Scale {
    /// The scale of a desktop of this size.
    pub(super) fn of(desktop: Area) -> Self {
        let longest = desktop.width.max(desktop.height).max(1);
        Self { desktop: longest, shown: longest.min(LONGEST_SIDE) }
    }

    /// A length or position as the model sees it.
    pub(super) fn shown(self, desktop: u32) -> u32 {
        scaled(desktop, self.shown, self.desktop)
    }

    /// The same for positions that may lie beyond the desktop.
    pub(super) fn shown_signed(self, desktop: i32) -> i64 {
        let length = i64::from(self.shown(desktop.unsigned_abs()));
        if desktop < 0 { -length } else { length }
    }

    /// The middle of what the model means by a position.
    pub(super) fn meant(self, shown: f64) -> f64 {
        if self.desktop == self.shown {
            return shown;
        }
        (shown + 0.5) * f64::from(self.desktop) / f64::from(self.shown) - 0.5
    }
}

fn scaled(length: u32, to: u32, from: u32) -> u32 {
    let scaled = (u64::from(length) * u64::from(to) + u64::from(from) / 2) / u64::from(from.max(1));
    u32::try_from(scaled).unwrap_or(u32::MAX)
}

/// A picture as PNG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// The file.
    pub png: Vec<u8>,
}

/// Draws an area of a frame, scaled; `None` when the area is empty.
pub(super) fn draw(frame: &Frame, area: Area, scale: Scale) -> Option<Picture> {
    let area = area.common(frame.area());
    if area.is_empty() {
        return None;
    }
    let mut size = (scale.shown(area.width).max(1), scale.shown(area.height).max(1));
    loop {
        let pixels =
            if size == (area.width, area.height) { plain(frame, area) } else { averaged(frame, area, size) };
        let png = encode(&pixels, size)?;
        if png.len() <= MAX_BYTES {
            return Some(Picture { width: size.0, height: size.1, png });
        }
        // Noise, of which nobody misses the details.
        size = (size.0.div_ceil(2), size.1.div_ceil(2));
    }
}

/// Red, green, blue of each pixel.
fn plain(frame: &Frame, area: Area) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(area.pixels() as usize * 3);
    for row in 0..area.height {
        for pixel in frame.row(area, row).chunks_exact(PIXEL) {
            if let [blue, green, red, _] = pixel {
                pixels.extend([*red, *green, *blue]);
            }
        }
    }
    pixels
}

/// The same, each pixel the mean of those that it stands for.
fn averaged(frame: &Frame, area: Area, (width, height): (u32, u32)) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(width as usize * height as usize * 3);
    let span = |position: u32, of: u32, length: u32| {
        let from = u64::from(position) * u64::from(length) / u64::from(of);
        let to = (u64::from(position + 1) * u64::from(length)).div_ceil(u64::from(of));
        (from as u32, (to as u32).max(from as u32 + 1).min(length))
    };
    for row in 0..height {
        let (top, bottom) = span(row, height, area.height);
        for column in 0..width {
            let (left, right) = span(column, width, area.width);
            let mut sums = [0_u32; 3];
            for y in top..bottom {
                let line = frame.row(area, y);
                let part = line.get(left as usize * PIXEL..right as usize * PIXEL).unwrap_or_default();
                for pixel in part.chunks_exact(PIXEL) {
                    if let [blue, green, red, _] = pixel {
                        for (sum, value) in sums.iter_mut().zip([red, green, blue]) {
                            *sum += u32::from(*value);
                        }
                    }
                }
            }
            let count = ((right - left) * (bottom - top)).max(1);
            pixels.extend(sums.map(|sum| u8::try_from(sum / count).unwrap_or(u8::MAX)));
        }
    }
    pixels
}

fn encode(pixels: &[u8], (width, height): (u32, u32)) -> Option<Vec<u8>> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    // Writing to memory fails for wrong sizes only.
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(pixels).ok()?;
    writer.finish().ok()?;
    Some(file)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(width: u16, height: u16) -> Frame {
        Frame::new(width, height).expect("not too large")
    }

    fn decoded(picture: &Picture) -> Vec<u8> {
        let mut reader = png::Decoder::new(std::io::Cursor::new(&picture.png)).read_info().expect("a PNG");
        let mut pixels = vec![0; reader.output_buffer_size().expect("small")];
        reader.next_frame(&mut pixels).expect("a PNG");
        pixels
    }

    #[test]
    fn colours_survive() {
        let mut frame = frame(3, 2);
        let all = frame.area();
        frame.row_mut(all, 1).copy_from_slice(&[255, 0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0]);
        let picture = draw(&frame, all, Scale::of(all)).expect("a picture");
        assert_eq!((picture.width, picture.height), (3, 2));
        assert_eq!(decoded(&picture), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 255, 0, 255, 0, 0]);
    }

    #[test]
    fn large_desktops_are_scaled_and_small_ones_are_not() {
        let small = frame(1280, 800).area();
        assert_eq!(Scale::of(small).shown(1280), 1280);
        let large = frame(3840, 2160);
        let scale = Scale::of(large.area());
        let picture = draw(&large, large.area(), scale).expect("a picture");
        assert_eq!((picture.width, picture.height), (1568, 882));
    }

    proptest! {
        #[test]
        fn what_a_model_points_at_is_what_is_there(width in 1_u16..8000, height in 1_u16..2000, x in 0_u32..8000) {
            let area = Area { x: 0, y: 0, width: width.into(), height: height.into() };
            let scale = Scale::of(area);
            let x = x % area.width;
            let back = scale.meant(f64::from(scale.shown(x)));
            let pixel = f64::from(area.width.max(area.height)) / f64::from(LONGEST_SIDE);
            prop_assert!((back - f64::from(x)).abs() <= pixel.max(1.0), "{x} became {back}");
        }

        #[test]
        fn any_area_can_be_drawn(x in 0_u32..60, y in 0_u32..60, width in 0_u32..90, height in 0_u32..90) {
            let frame = frame(50, 40);
            let area = Area { x, y, width, height };
            let picture = draw(&frame, area, Scale::of(frame.area()));
            prop_assert_eq!(picture.is_none(), area.common(frame.area()).is_empty());
        }
    }
}
