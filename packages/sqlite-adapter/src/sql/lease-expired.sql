update jobport_active set claim = ?2, lease_until = ?3, claimed_at = ?4, attempt = attempt + 1, crashes = crashes + 1
where seq = ?1
