use std::net::{Shutdown, TcpListener, TcpStream};
