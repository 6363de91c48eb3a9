// A socket that listens on port 1337, and nothing more. The rest is yours.
package main

import (
	"fmt"
	"log"
	"net"
	"time"
)

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:1337")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", listener.Addr())
	for {
		time.Sleep(time.Hour)
	}
}
