// Verifies a token with what the JDK has, as services do that read SORACOM's tokens, and prints its payload.
// Arguments: the token, the key in PEM, its kind, the JDK's name of the algorithm.
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

public class Verify {
    public static void main(String[] arguments) throws Exception {
        String[] parts = arguments[0].split("\\.");
        String base64 = arguments[1]
            .replace("-----BEGIN PUBLIC KEY-----", "")
            .replace("-----END PUBLIC KEY-----", "")
            .replaceAll("\\s", "");
        var spec = new X509EncodedKeySpec(Base64.getDecoder().decode(base64));
        var signature = Signature.getInstance(arguments[3]);
        signature.initVerify(KeyFactory.getInstance(arguments[2]).generatePublic(spec));
        signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
        if (!signature.verify(Base64.getUrlDecoder().decode(parts[2]))) {
            throw new IllegalStateException("the signature does not verify");
        }
        System.out.println(new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8));
    }
}
