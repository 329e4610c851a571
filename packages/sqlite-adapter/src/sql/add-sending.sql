insert into jobport_sending (seq, at, sending, origin) values (?, ?, '', ?)
