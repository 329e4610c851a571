update jobport_sending set at = ?2, sending = ?3 where seq = ?1 and (at is null or at > ?2)
