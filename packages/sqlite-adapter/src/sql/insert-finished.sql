insert into jobport_finished (seq, ending) select value, ?2 from json_each(?1)
