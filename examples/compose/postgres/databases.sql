-- One database for each example: on servers of their own they would not see each other either.
create database tasker encoding 'UTF8' template template0;
create database url_checker encoding 'UTF8' template template0;
create database access_logs encoding 'UTF8' template template0;
