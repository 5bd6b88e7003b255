"""The only code that knows Asterisk's wire: ARI, AMI, FastAGI."""
