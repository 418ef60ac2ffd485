// Xerces — the second engine, held open: one JVM for thousands of checks. Started from its source (`java
// Xerces.java`), so a JDK is needed. A line in: the schema's path, a tab, the message in base64. A line out: `ok`, or
// `fault`, a tab and what is wrong first.
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import javax.xml.validation.Validator;

public class Xerces {
  public static void main(String[] args) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    Map<String, Schema> schemas = new HashMap<>();
    for (String line; (line = in.readLine()) != null; ) {
      String[] parts = line.split("\t", -1);
      out.println(check(schemas, parts[0], Base64.getDecoder().decode(parts[1])));
    }
  }

  private static String check(Map<String, Schema> schemas, String file, byte[] message) {
    Schema schema = schemas.get(file);
    try {
      if (schema == null) {
        SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
        // Occurrences such as 9999 are more than secure processing allows.
        factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, false);
        schemas.put(file, schema = factory.newSchema(new File(file)));
      }
    } catch (Exception e) {
      return "schema\t" + flat(e);
    }
    if (message.length == 0) return "ok";
    try {
      // Without a handler the first error ends it.
      Validator validator = schema.newValidator();
      validator.validate(new StreamSource(new ByteArrayInputStream(message)));
      return "ok";
    } catch (Exception e) {
      return "fault\t" + flat(e);
    }
  }

  private static String flat(Exception e) {
    return String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
  }
}
