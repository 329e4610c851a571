insert into jobport_results (seq, result) values (?, ?)
