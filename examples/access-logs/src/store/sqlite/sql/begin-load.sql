insert into loads (sha256) values (?)
