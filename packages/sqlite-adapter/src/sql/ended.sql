select f.seq from json_each(?1) s cross join jobport_finished f on f.seq = s.value where f.ending = ?2
