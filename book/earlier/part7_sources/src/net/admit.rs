use super::serve::Admit;
use crate::message::Scheme;

impl Admission {
    /// Finds a place for somebody, if need be by having others go.
    fn place(self: &Arc<Self>, source: Source) -> Option<Place> {
        let ConnectionLimits { total, of_source, exempt } = &self.limits;
        let mut crowd = self.crowd();
        let is_exempt = exempt.iter().any(|&it| Source::from(it) == source);
        let has_most = !is_exempt && crowd.count_of(source) >= *of_source;
        if has_most && crowd.make_room(Some(source)) == 0 {
            return None;
        }
        if crowd.count() >= *total && crowd.make_room(None) == 0 {
            return None;
        }
        let (number, seat) = crowd.sit(source);
        let (admission, shutdown) = (self.clone(), self.shutdown.clone());
        Some(Place { admission, source, number, seat, shutdown })
    }
}

impl Admit for Arc<Admission> {
    fn admit(
        &self,
        stream: TcpStream,
        peer: SocketAddr,
        _: Scheme,
    ) -> Option<(TcpStream, Place)> {
        let place = self.place(peer.ip().into());
        if place.is_none() {
            debug!(%peer, "there is no room");
        }
        Some((stream, place?))
    }
}
