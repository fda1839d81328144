//! The desktop: a WebSocket bridge to the RFB stream of the tool host, and the stand-alone page.
