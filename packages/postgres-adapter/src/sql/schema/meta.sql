insert into jobport.meta (version, least_client) values (1, 1);
insert into jobport.upkeep (vacuumed_at) values (0);
