//! Pixels, and rectangles of them.

/// Longest side of a frame, and most pixels.
pub(super) const MAX_SIDE: u16 = 8192;
const MAX_PIXELS: usize = 16 << 20;

/// Bytes of a pixel: blue, green, red, and one that means nothing.
pub(crate) const PIXEL: usize = 4;

/// A rectangle in pixels; may be empty.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Area {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Area {
    pub(crate) fn right(self) -> u32 {
        self.x.saturating_add(self.width)
    }

    pub(crate) fn bottom(self) -> u32 {
        self.y.saturating_add(self.height)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.width == 0 || self.height == 0
    }

    /// What both cover.
    pub(crate) fn common(self, other: Self) -> Self {
        let (x, y) = (self.x.max(other.x), self.y.max(other.y));
        Self {
            x,
            y,
            width: self.right().min(other.right()).saturating_sub(x),
            height: self.bottom().min(other.bottom()).saturating_sub(y),
        }
    }

    /// The smallest that covers both.
    pub(crate) fn around(self, other: Self) -> Self {
        if self.is_empty() {
            return other;
        }
        if other.is_empty() {
            return self;
        }
        let (x, y) = (self.x.min(other.x), self.y.min(other.y));
        let (right, bottom) = (self.right().max(other.right()), self.bottom().max(other.bottom()));
        Self { x, y, width: right - x, height: bottom - y }
    }

    pub(crate) fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }
}

/// A picture of the desktop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    width: u16,
    height: u16,
    pixels: Vec<u8>,
}

impl Frame {
    /// A black frame; `None` when it would be larger than any desktop.
    pub(crate) fn new(width: u16, height: u16) -> Option<Self> {
        let count = usize::from(width) * usize::from(height);
        let fits = width.max(height) <= MAX_SIDE && (1..=MAX_PIXELS).contains(&count);
        fits.then(|| Self { width, height, pixels: vec![0; count * PIXEL] })
    }

    /// All of it.
    pub(crate) fn area(&self) -> Area {
        Area { x: 0, y: 0, width: self.width.into(), height: self.height.into() }
    }

    /// The pixels of one row of an area that lies within the frame.
    pub(crate) fn row(&self, area: Area, row: u32) -> &[u8] {
        let from = self.offset(area.x, area.y + row);
        self.pixels.get(from..from + area.width as usize * PIXEL).unwrap_or_default()
    }

    pub(crate) fn row_mut(&mut self, area: Area, row: u32) -> &mut [u8] {
        let from = self.offset(area.x, area.y + row);
        self.pixels.get_mut(from..from + area.width as usize * PIXEL).unwrap_or_default()
    }

    /// Moves the pixels at `from` to `to`, which has the same size; both lie within the frame.
    pub(super) fn copy(&mut self, from: Area, to: Area) {
        // Rows that are still needed must not be written over.
        let rows: Box<dyn Iterator<Item = u32>> =
            if to.y > from.y { Box::new((0..to.height).rev()) } else { Box::new(0..to.height) };
        for row in rows {
            let source = self.offset(from.x, from.y + row);
            let target = self.offset(to.x, to.y + row);
            let length = to.width as usize * PIXEL;
            if source.max(target) + length <= self.pixels.len() {
                self.pixels.copy_within(source..source + length, target);
            }
        }
    }

    /// Whether an area looks the same in another frame of the same size.
    pub(crate) fn same_in(&self, other: &Self, area: Area) -> bool {
        self.area() == other.area()
            && (0..area.height).all(|row| {
                let pairs =
                    self.row(area, row).chunks_exact(PIXEL).zip(other.row(area, row).chunks_exact(PIXEL));
                pairs.into_iter().all(|(one, two)| one.get(..3) == two.get(..3))
            })
    }

    fn offset(&self, x: u32, y: u32) -> usize {
        (y as usize * usize::from(self.width) + x as usize) * PIXEL
    }
}
