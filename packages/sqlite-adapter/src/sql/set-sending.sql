insert into jobport_sending (seq, at, sending) values (?1, ?2, ?3)
on conflict do update set at = ?2, sending = ?3
