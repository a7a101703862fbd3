//! This peer in the Kademlia network.
