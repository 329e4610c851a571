update jobport_active set lease_until = ?5 where seq = ?1 and claim = ?2 and attempt = ?3 and queue = ?4 returning flags
